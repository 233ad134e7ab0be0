"""Packets that a scenario lets a node send about a connection, or as if they were part of it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

from netlab.backends.protocol import Backend, Message
from netlab.collect.eventlog import EventLog
from netlab.scenario.operations.injections import about, datagram, message
from netlab.topology.plan import Plan
from netlab.topology.steps import (
    Connect,
    Inject,
    InjectDatagram,
    InjectSegment,
    Replay,
    Step,
    every_step,
)

#: By node and expression, the numbers of the packets that shall be sent again.
_Replays = dict[str, dict[str, list[int]]]


async def watch_flows(plan: Plan, backend: Backend, only: str | None = None) -> None:
    """Let the nodes that shall know of connections see their packets; or ``only`` one of them."""
    watched = _watched(plan)
    await asyncio.gather(
        *(
            backend.call(node, "remember", replays=watched[node])
            for node in sorted(watched)
            if only in {None, node}
        )
    )


def _watched(plan: Plan) -> _Replays:
    found: _Replays = defaultdict(dict)
    for step in every_step(plan.steps):
        if isinstance(step, Replay):
            found[step.node].setdefault(step.expression, []).append(step.nth)
        elif isinstance(step, Inject | InjectSegment) and step.connection:
            found[step.node] |= {}
    return found


class Injections:
    def __init__(self, plan: Plan, backend: Backend, log: EventLog) -> None:
        self._plan = plan
        self._backend = backend
        self._log = log
        self.performers: dict[type[Step], Callable[[Any], Awaitable[Message]]] = dict.fromkeys(
            (Inject, InjectSegment, Replay), self._inject
        )
        self.performers[InjectDatagram] = self._inject_datagram

    async def _inject_datagram(self, step: InjectDatagram) -> Message:
        return await self._backend.call(step.node, **datagram(step), seed=self._plan.seed)

    async def _inject(self, step: Inject | InjectSegment | Replay) -> Message:
        if isinstance(step, Inject) and step.address is not None:
            return await self._backend.call(step.node, **message(step))
        opened = next(
            each
            for each in every_step(self._plan.steps)
            if isinstance(each, Connect) and each.name == step.connection
        )
        request = about(step, opened, self._local(opened.name))
        within = step.timing.within
        return await self._backend.call(step.node, **request, seed=self._plan.seed, within=within)

    def _local(self, name: str) -> str | None:
        """The connection's own end, where it is known: a connect that goes on tells nothing yet."""
        return next(
            (
                str(event.data["local"])
                for event in self._log.events
                if event.kind == "op" and event.conn == name and event.data.get("local")
            ),
            None,
        )
