"""Whose time comes next, among many connections."""

from __future__ import annotations

from heapq import heappop, heappush, heapreplace
from typing import Protocol


class Timed(Protocol):
    def next_timeout(self) -> int | None: ...


class Schedule:
    """A heap of deadlines that may be too early, never too late.

    To put a deadline off costs nothing: the old one comes up and is put where it belongs then.
    """

    __slots__ = ("_count", "_heap", "_placed")

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Timed]] = []
        self._placed: dict[Timed, int] = {}
        self._count = 0

    def place(self, item: Timed) -> None:
        """Its deadline may have come nearer."""
        deadline = item.next_timeout()
        if deadline is None:
            return
        placed = self._placed.get(item)
        if placed is None or deadline < placed:
            self._count += 1
            self._placed[item] = deadline
            heappush(self._heap, (deadline, self._count, item))

    def remove(self, item: Timed) -> None:
        self._placed.pop(item, None)

    def next(self) -> int | None:
        """The earliest deadline (ns)."""
        while self._heap:
            placed, count, item = self._heap[0]
            if self._placed.get(item) != placed:
                heappop(self._heap)
                continue
            deadline = item.next_timeout()
            if deadline == placed:
                return placed
            if deadline is None:
                heappop(self._heap)
                del self._placed[item]
            else:
                self._placed[item] = deadline
                heapreplace(self._heap, (deadline, count, item))
        return None

    def due(self, now: int) -> list[Timed]:
        """Those whose time has come, in its order; each is to be placed again."""
        found = []
        while (deadline := self.next()) is not None and deadline <= now:
            item = heappop(self._heap)[2]
            del self._placed[item]
            found.append(item)
        return found
