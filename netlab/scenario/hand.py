"""Does to the links of a lab that is up what somebody asks, as a step of a scenario would."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from netlab import clock
from netlab.backends.protocol import Backend
from netlab.collect.eventlog import EventLog
from netlab.scenario.links import Links
from netlab.scenario.networks import Networks
from netlab.topology.plan import Plan
from netlab.topology.steps import AddFault, FlapLink, ImpairLink, SetLink, Step

_SECOND = 1_000_000_000


class Hand:
    """Times of faults count from ``begin``."""

    def __init__(self, plan: Plan, backend: Backend, log: EventLog, networks: Networks) -> None:
        self._impaired = any(link.impairments for link in plan.links)
        self._backend = backend
        self._began = clock.elapsed()
        self._later: list[asyncio.Task[None]] = []
        links = Links(plan, backend, networks, log, self._later, elapsed=self._elapsed)
        self._performers: dict[type[Step], Callable[[Any], Awaitable[Any]]] = {
            SetLink: links.set,
            FlapLink: links.flap,
            ImpairLink: links.impair,
            AddFault: links.add_faults,
        }

    def _elapsed(self) -> float:
        return (clock.elapsed() - self._began) / _SECOND

    async def begin(self) -> None:
        self._began = clock.elapsed()
        if self._impaired:
            await self._backend.impair("begin", t=clock.now())

    async def perform(self, step: Step) -> None:
        """LabError when it cannot be done."""
        await self._performers[type(step)](step)

    def end(self) -> None:
        for task in self._later:
            task.cancel()
