"""Socket tables, read at the moments that expectations name."""

from __future__ import annotations

import asyncio

from netlab.backends.protocol import Backend
from netlab.collect.eventlog import EventLog
from netlab.topology.expectations import SocketsExpected
from netlab.topology.plan import Plan
from netlab.topology.steps import Moment

#: The kernel and the server's process need a moment to do what the client has seen done.
_SETTLE_WITHIN = 1.0
_FIRST_PAUSE = 0.002


class Snapshots:
    def __init__(self, plan: Plan, backend: Backend, log: EventLog) -> None:
        self._wanted = [each for each in plan.expectations if isinstance(each, SocketsExpected)]
        self._backend = backend
        self._log = log

    async def take(self, reached: tuple[Moment, ...]) -> None:
        """Read the tables that are expected at these moments; the scenario stands still meanwhile.

        A table is read again until it is as expected, for a second at most; the last one counts.
        """
        for expectation in self._wanted:
            if expectation.moment in reached:
                await self._read_until_settled(expectation)

    async def take_final(self) -> None:
        """Read the tables that are expected at the scenario's end."""
        for expectation in self._wanted:
            if expectation.moment is None:
                await self._read_until_settled(expectation)

    async def _read_until_settled(self, expectation: SocketsExpected) -> None:
        from netlab.scenario.judge import sockets_hold  # noqa: PLC0415 - many runs need no table

        loop = asyncio.get_running_loop()
        deadline, pause = loop.time() + _SETTLE_WITHIN, _FIRST_PAUSE
        while True:
            answer = await self._backend.sockets(expectation.node)
            if sockets_hold(expectation, answer["sockets"]) or loop.time() > deadline:
                break
            await asyncio.sleep(pause)
            pause *= 2
        self._log.tell(
            {
                "kind": "sockets",
                "node": expectation.node,
                "t": answer["t"],
                "moment": str(expectation.moment) if expectation.moment else None,
                "sockets": answer["sockets"],
            }
        )
