"""Carries out what a scenario does to nodes and their interfaces."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from netlab.backends.protocol import Message
from netlab.collect.eventlog import EventLog
from netlab.scenario.networks import Networks
from netlab.scenario.nodes import Nodes
from netlab.topology.plan import End
from netlab.topology.steps import Change, Crash, Freeze, Restart, SetInterface, Step, Thaw


class NodeSteps:
    """``later`` takes what a step sets off for a later time."""

    def __init__(
        self, nodes: Nodes, networks: Networks, log: EventLog, later: list[asyncio.Task[None]]
    ) -> None:
        self._nodes = nodes
        self._networks = networks
        self._log = log
        self._later = later
        self.performers: dict[type[Step], Callable[[Any], Awaitable[Message]]] = {
            Freeze: self._freeze,
            Thaw: self._thaw,
            Crash: self._crash,
            Restart: self._restart,
            SetInterface: self._set_interface,
        }

    async def _freeze(self, step: Freeze) -> Message:
        if step.node in self._nodes.crashed:
            return _has_crashed(step.node)
        await self._nodes.freeze(step.node)
        if step.duration is not None:
            self._set_off(step.duration, lambda: self._nodes.thaw(step.node))
        return {}

    async def _thaw(self, step: Thaw) -> Message:
        if step.node in self._nodes.crashed:
            return _has_crashed(step.node)
        await self._nodes.thaw(step.node)
        return {}

    async def _crash(self, step: Crash) -> Message:
        if step.node in self._nodes.crashed:
            return _has_crashed(step.node)
        await self._nodes.crash(step.node)
        return {}

    async def _restart(self, step: Restart) -> Message:
        await self._nodes.restart(step.node, quiet=step.quiet)
        return {}

    async def _set_interface(self, step: SetInterface) -> Message:
        end = End(step.node, step.interface)
        value = step.value or ""
        match step.change:
            case Change.MTU:
                answer = await self._networks.set_mtu(end, int(value))
            case Change.ADD:
                answer = await self._networks.add_address(end, value)
            case Change.REMOVE:
                answer = await self._networks.remove_address(end, value)
            case Change.DOWN | Change.UP:
                return await self._switch(end, step)
        if answer.get("ok", True):
            self._tell(end, step.change, value)
        return answer

    async def _switch(self, end: End, step: SetInterface) -> Message:
        up = step.change is Change.UP
        await self._switch_to(end, up=up)
        if step.duration is not None:
            self._set_off(step.duration, lambda: self._switch_to(end, up=not up))
        return {}

    async def _switch_to(self, end: End, *, up: bool) -> None:
        await self._networks.set_link(end, up=up)
        self._tell(end, Change.UP if up else Change.DOWN)

    def _set_off(self, after: float, action: Callable[[], Awaitable[None]]) -> None:
        async def act() -> None:
            await asyncio.sleep(after)
            await action()

        self._later.append(asyncio.create_task(act()))

    def _tell(self, end: End, change: Change, value: str = "") -> None:
        event = {"kind": "interface", "node": end.node, "interface": end.interface}
        self._log.tell(event | {"status": str(change)} | ({"value": value} if value else {}))


def _has_crashed(node: str) -> Message:
    return {"ok": False, "error": f"{node} has crashed"}
