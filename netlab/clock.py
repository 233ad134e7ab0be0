"""The lab's clock: nanoseconds since 1970 that go on evenly, whoever sets the machine's clock.

Each process reads the machine's clock once, as it loads, and counts on with CLOCK_MONOTONIC. Only
the kernel stamps packets with the machine's clock: their stamps are brought back by how far it was
set.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

#: The two clocks are read one after the other; of so many readings the quickest is taken.
_READINGS = 5

#: What is less is no setting, but time between two readings, nanoseconds.
_LEAST_STEP = 500_000

#: Steps that stamps still under way may be of.
_MOST_STEPS = 8


class Clock:
    """``real`` and ``monotonic`` give nanoseconds.

    ``since_1970`` is what another clock has, to go on with it.
    """

    def __init__(
        self,
        real: Callable[[], int] = time.time_ns,
        monotonic: Callable[[], int] = time.monotonic_ns,
        *,
        least_step: int = _LEAST_STEP,
        since_1970: int | None = None,
    ) -> None:
        self._real = real
        self._monotonic = monotonic
        self._least_step = least_step
        self.since_1970 = self._measure()[1] if since_1970 is None else since_1970
        #: The lab's time when the machine's clock was last seen without a step, and the step.
        self._steps = [(0, 0)]
        self._looked = self.now()

    def now(self) -> int:
        return self.date(self._monotonic())

    def elapsed(self) -> int:
        return self._monotonic()

    def date(self, elapsed: int) -> int:
        return elapsed + self.since_1970

    def _measure(self) -> tuple[int, int]:
        """How long it took, and ns since 1970 at the zero of the monotonic clock."""
        readings = []
        for _ in range(_READINGS):
            before = self._monotonic()
            real = self._real()
            took = self._monotonic() - before
            readings.append((took, real - before - took // 2))
        return min(readings)

    def new_step(self) -> int | None:
        """How far the machine's clock is off the lab's, ns, if it was set since the last call."""
        looked, self._looked = self._looked, self.now()
        _, known = self._steps[-1]
        if abs(self._real() - self.now() - known) < self._least_step:
            return None
        took, since_1970 = self._measure()
        step = since_1970 - self.since_1970
        if abs(step - known) < self._least_step or took >= self._least_step:
            return None
        if abs(step) < self._least_step:
            step = 0
        self._steps = [*self._steps[1 - _MOST_STEPS :], (looked, step)]
        return step

    def shift(self, stamp: int) -> int:
        """What to add to a recent stamp of the machine's clock: it may be of before it was set."""
        if len(self._steps) == 1:
            return 0
        now = self.now()
        for since, step in reversed(self._steps):
            if since <= stamp - step <= now:
                return -step
        return -min((step for _, step in self._steps), key=lambda step: abs(stamp - step - now))


class Time(Protocol):
    """What a lab's programs need of a clock."""

    def now(self) -> int:
        """Ns since 1970."""

    def elapsed(self) -> int:
        """Ns since a beginning that is the clock's own."""

    def date(self, elapsed: int) -> int:
        """What ``now`` is when ``elapsed`` is that."""


CLOCK = Clock()
_current: ContextVar[Time] = ContextVar("clock", default=CLOCK)


def now() -> int:
    """Ns since 1970, by the clock of whoever asks: that of a simulated lab is its world's."""
    return _current.get().now()


def elapsed() -> int:
    """Ns, to measure how long something takes."""
    return _current.get().elapsed()


def date(elapsed: int) -> int:
    """Ns since 1970 at a moment that ``elapsed`` told.

    To read both clocks, one after the other, would be off by what a busy machine does in between.
    """
    return _current.get().date(elapsed)


@contextmanager
def of(other: Time) -> Iterator[None]:
    """``other`` is the clock of what runs here, and of the tasks that it makes."""
    token = _current.set(other)
    try:
        yield
    finally:
        _current.reset(token)


def step_notice(step: int) -> str:
    if step == 0:
        return "this machine's clock was set back to what it was: the lab's times go on as before"
    way = "forward" if step > 0 else "back"
    return (
        f"this machine's clock was set {way} by {abs(step) / 1e9:g} s while the lab was up:"
        " the lab's times go on as before"
    )
