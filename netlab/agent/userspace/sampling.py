"""Asks the stack's connections for their windows and timers, again and again."""

from __future__ import annotations

import asyncio

from netlab.collect.samples import InfoSampler


class Sampling:
    """Every ``interval`` seconds while there are connections; ``wake`` tells of a new one."""

    def __init__(self, sampler: InfoSampler, interval: float) -> None:
        self._sampler = sampler
        self._interval = interval
        self._next: asyncio.TimerHandle | None = None

    def wake(self) -> None:
        if self._next is None:
            self._next = asyncio.get_running_loop().call_later(self._interval, self._look)

    def _look(self) -> None:
        self._next = None
        self._sampler.look()
        if self._sampler.next_look is not None:
            self.wake()
