"""A node from its start to its end: its host, its programs, and what they tell."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextvars import copy_context
from typing import Any, Protocol

from netlab.agent.channel import Message
from netlab.backends.protocol import Listener
from netlab.backends.sim.loop import OWNER, WorldLoop
from netlab.backends.sim.station import Station
from netlab.stack.api.programs import Programs, StackEvent
from netlab.topology.plan import Node


class Inhabitant(Protocol):
    """The agent of a node on our stack."""

    async def answer(self, request: Message) -> Message: ...

    def hear(self, event: StackEvent) -> None:
        """Something happened to the node's host."""


#: Makes the agent of a node, from what takes the events that it tells, and from its host.
Make = Callable[[Node, Callable[[Message], None], Programs], Inhabitant]


class Life:
    def __init__(
        self, node: Node, loop: WorldLoop, station: Station, tell: Listener, make: Make
    ) -> None:
        self._name = node.name
        self._loop = loop
        self._station = station
        self._tell = tell
        self._context = copy_context()
        self._context.run(OWNER.set, self)
        self._crashed: asyncio.Future[None] = loop.create_future()
        self._agent = self._context.run(make, node, self._emit, station.programs)

    @property
    def has_crashed(self) -> bool:
        return self._crashed.done()

    def hear(self, event: StackEvent) -> None:
        self._context.run(self._agent.hear, event)

    async def tell(self, do: str, **arguments: Any) -> Message:
        """What the agent answers even while it stands still."""
        return await self._agent.answer({"do": do, **arguments})

    async def call(self, request: Message) -> Message | None:
        """The agent's answer; None if the node crashes first.

        Who stops waiting for an answer does not keep the agent from going on.
        """
        if self.has_crashed:
            return None
        answer = self._loop.create_task(
            self._agent.answer(json.loads(json.dumps(request))), context=self._context.copy()
        )
        either: list[asyncio.Future[Any]] = [answer, self._crashed]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        return answer.result() if answer.done() else None

    def freeze(self) -> None:
        self._station.freeze()
        self._loop.pause(self)

    def thaw(self) -> None:
        self._station.thaw()
        self._loop.resume(self)

    def crash(self) -> None:
        """Host and programs stop where they are for good, and nobody is told."""
        if not self.has_crashed:
            self._station.switch_off()
            self._loop.pause(self)
            self._crashed.set_result(None)

    def _emit(self, event: Message) -> None:
        if not self.has_crashed:
            self._tell({"node": self._name, **event})
