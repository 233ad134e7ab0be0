"""What a world's time is called."""

from __future__ import annotations

from netlab.backends.sim.world import World
from netlab.stack.units import SECOND

#: When a lab begins, ns since 1970, so that captures have dates: 2000-01-01 00:00:00 UTC.
EPOCH = 946_684_800 * SECOND

#: Hosts say at first which groups they are in, ns; a lab begins when they have.
COMING_UP = 10 * SECOND


def date(time: int) -> int:
    """Ns since 1970 of a world's ``time``. Until the lab begins the clock stands still."""
    return EPOCH + max(0, time - COMING_UP)


class WorldClock:
    """Fulfils ``netlab.clock.Time``."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> int:
        return date(self._world.now)

    def elapsed(self) -> int:
        return self._world.now

    def date(self, elapsed: int) -> int:
        return date(elapsed)
