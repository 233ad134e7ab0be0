"""An event loop whose waits cost no time."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

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
