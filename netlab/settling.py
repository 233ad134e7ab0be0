"""How long a run goes on when its scenario has been played."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from math import inf
from typing import TYPE_CHECKING

from netlab import clock
from netlab.fabric.stretches import longest_wait

if TYPE_CHECKING:
    from netlab.backends.protocol import Backend
    from netlab.collect.eventlog import EventLog
    from netlab.scenario.verdict import Judgement
    from netlab.topology.expectations import Expectation
    from netlab.topology.plan import Plan

#: A run is over when its expectations are met and no packet has crossed the lab for this long.
_QUIET = 0.02
_QUIET_WITHIN = 0.5

#: Seconds that a run waits for packets that an impaired link delays, at most.
_LONGEST_WAIT = 5.0

_FIRST_LOOK, _LONGEST_PAUSE = 0.01, 0.5
_SECOND = 1_000_000_000

#: What the expectations come to so far, one each; None when that is not worth a wait.
Judge = Callable[[], "Sequence[Judgement] | None"]


class Settling:
    def __init__(self, plan: Plan, backend: Backend, log: EventLog, judge: Judge) -> None:
        self._plan = plan
        self._backend = backend
        self._log = log
        self._judge = judge
        self._seen: tuple[int, int] | None = None
        self._unsettled: list[Expectation] = []

    async def wait(self) -> None:
        """Until every expectation is settled or its time is over, and the lab is quiet."""
        began = clock.elapsed()
        pause = _FIRST_LOOK
        under_way = min(longest_wait(self._plan), _LONGEST_WAIT)
        while True:
            looked = clock.elapsed()
            waited = (looked - began) / _SECOND
            await self._look()
            left = [e.within - waited for e in self._unsettled if waited < e.within]
            if not left and (
                waited > _QUIET_WITHIN + 2 * under_way
                or await self._backend.idle() > _QUIET + under_way
            ):
                return
            # A look at a large capture costs; so looks become rarer as they become dearer. In
            # virtual time they are free, and so many that they would be all that costs.
            longest = inf if self._backend.is_virtual else _LONGEST_PAUSE
            pause = min(max(pause * 1.5, 2 * (clock.elapsed() - looked) / _SECOND), longest)
            await asyncio.sleep(min(pause, *left, inf))

    async def _look(self) -> None:
        """Judge again if anything has come since the last time.

        What operations and socket tables came to is settled when the scenario ends; packets, and
        what servers and observers tell, may come later.
        """
        counts = await self._backend.flush()
        seen = len(self._log.events), sum(count.packets for count in counts)
        if seen == self._seen:
            return
        self._seen = seen
        judgements = self._judge()
        self._unsettled = (
            [
                expectation
                for judgement, expectation in zip(judgements, self._plan.expectations, strict=True)
                if expectation.may_come_late and (expectation.may_break or not judgement.passed)
            ]
            if judgements is not None
            else []
        )
