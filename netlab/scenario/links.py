"""Carries out what a scenario does to links."""

from __future__ import annotations

import asyncio

from netlab.backends.protocol import Message
from netlab.collect.eventlog import EventLog
from netlab.scenario.networks import Networks
from netlab.topology.plan import Plan
from netlab.topology.steps import SetLink


class Links:
    """``later`` takes what a step sets off for a later time."""

    def __init__(
        self, plan: Plan, networks: Networks, log: EventLog, later: list[asyncio.Task[None]]
    ) -> None:
        self._plan = plan
        self._networks = networks
        self._log = log
        self._later = later

    async def set(self, step: SetLink) -> Message:
        await self._switch(step.link, up=step.up)
        if step.duration is not None:
            self._later.append(asyncio.create_task(self._switch_back(step, step.duration)))
        return {}

    async def _switch_back(self, step: SetLink, after: float) -> None:
        await asyncio.sleep(after)
        await self._switch(step.link, up=not step.up)

    async def _switch(self, name: str, *, up: bool) -> None:
        link = next(link for link in self._plan.links if link.name == name)
        await asyncio.gather(*(self._networks.set_link(end, up=up) for end in link.ends))
        self._log.tell({"kind": "link", "link": name, "status": "up" if up else "down"})
