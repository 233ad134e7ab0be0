"""Tells impaired links when the scenario begins, and when what held packets wait for has come."""

from __future__ import annotations

import asyncio

from netlab import clock
from netlab.backends.protocol import Backend
from netlab.collect.eventlog import EventLog
from netlab.fabric.stretches import stretches
from netlab.scenario.moments import moments
from netlab.topology.moment import Moment
from netlab.topology.plan import Plan
from netlab.topology.units import MAX_SECONDS


class Holds:
    def __init__(self, plan: Plan, backend: Backend, log: EventLog) -> None:
        self._backend = backend
        self._log = log
        self._stretches = stretches(plan)
        self._waiting: list[asyncio.Task[None]] = []

    async def begin(self) -> None:
        if self._stretches:
            await self._backend.impair("begin", t=clock.now())
        faults = [f for s in self._stretches for f in (*s.impairment.faults, *s.faults_to_come)]
        for moment in dict.fromkeys(fault.until for fault in faults if fault.until is not None):
            self._waiting.append(asyncio.create_task(self._release(moment)))

    async def _release(self, moment: Moment) -> None:
        await self._log.wait_for(lambda event: moment in moments(event), MAX_SECONDS)
        await self._backend.impair("release", moment=str(moment))

    def end(self) -> None:
        for task in self._waiting:
            task.cancel()
