"""An event loop whose clock is a world's: nobody waits, the world goes on instead."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

from netlab.backends.sim.world import World
from netlab.errors import NetlabError
from netlab.stack.units import SECOND

_Result = TypeVar("_Result")

#: A loop is told times in seconds, of which a float keeps whole ns for 100 days.
_RESOLUTION = 1e-9


class NothingHappensError(NetlabError):
    """All programs wait for something that will never come."""


def play(world: World, story: Coroutine[Any, Any, _Result]) -> _Result:
    """Run programs in the world, until ``story`` has ended.

    NothingHappensError if it never will.
    """
    with asyncio.Runner(loop_factory=lambda: WorldLoop(world)) as runner:
        return runner.run(story)


class WorldLoop(asyncio.SelectorEventLoop):
    """Descriptors are not watched, and threads not waited for: both live in another time."""

    def __init__(self, world: World) -> None:
        self._world = world
        super().__init__(_Outside(world))
        self._clock_resolution = _RESOLUTION

    def time(self) -> float:
        """Seconds since the world began."""
        return self._world.now / SECOND


class _Outside(selectors.SelectSelector):
    """Where a loop waits for descriptors, this one lets the world go on."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        world = self._world
        if world.settle() or timeout == 0:
            return []
        if timeout is not None:
            world.advance(world.now + max(1, round(timeout * SECOND)))
        elif world.next is not None:
            world.advance(world.next)
        else:
            raise NothingHappensError("nothing will happen any more, and a program waits")
        return []
