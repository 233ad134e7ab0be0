"""When somebody of a world wants to be woken."""

from __future__ import annotations

from collections.abc import Callable

from netlab.backends.sim.world import World


class Alarm:
    """Rings when it is time, and perhaps earlier; never later.

    What is set to a later time is not taken off the agenda, and not put on it again either: who
    has short waits beside a long one has two entries there, however often he waits.
    """

    __slots__ = ("_ring", "_times", "_world")

    def __init__(self, world: World, ring: Callable[[], None]) -> None:
        self._world = world
        self._ring = ring
        self._times: list[int] = []  # on the agenda, the soonest last

    def set(self, due: int | None) -> None:
        if due is None or (self._times and self._times[-1] <= due):
            return
        self._times.append(due)
        self._world.at(due, self._rings)

    def _rings(self) -> None:
        self._times.pop()
        self._ring()
