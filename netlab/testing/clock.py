"""An event loop whose waits cost no time, and a machine whose clock is set."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

from netlab.clock import Clock

_Result = TypeVar("_Result")


def play(story: Coroutine[Any, Any, _Result]) -> _Result:
    """Run ``story`` on a clock that starts at 0 and jumps to whatever is waited for."""
    with asyncio.Runner(loop_factory=InstantLoop) as runner:
        return runner.run(story)


class InstantLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._clock = _Clock()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now


class _Clock(selectors.SelectSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "the story waits for something that nobody will do"
            self.now += timeout
        return ready


class Machine:
    """A machine whose clock somebody may set, ``set_by`` ns so far. Time passes only when told.

    ``read_slowly`` is how many seconds pass before its clock is read: somebody else has the CPU.
    """

    def __init__(self) -> None:
        self.monotonic = 5_000_000_000
        self.set_by = 0
        self.read_slowly = 0.0

    def real(self) -> int:
        """Nanoseconds since 1970, as the machine has it."""
        self.pass_(self.read_slowly)
        return 1_700_000_000_000_000_000 + self.monotonic + self.set_by

    def pass_(self, seconds: float) -> None:
        self.monotonic += int(seconds * 1e9)

    def clock(self, **options: int) -> Clock:
        return Clock(self.real, lambda: self.monotonic, **options)
