"""Which lane is to be looked at next, and when."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from netlab.fabric.emulator.lane import Lane


class Agenda:
    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Lane]] = []
        self._number = 0

    @property
    def next(self) -> int | None:
        return self._heap[0][0] if self._heap else None

    def note(self, lane: Lane) -> None:
        """Come back to ``lane`` at its next timeout, unless that is sooner already."""
        at = lane.next_timeout
        if at is not None and (lane.scheduled is None or at < lane.scheduled):
            lane.scheduled = at
            self._number += 1
            heapq.heappush(self._heap, (at, self._number, lane))

    def due(self, now: int) -> Iterator[Lane]:
        while self._heap and self._heap[0][0] <= now:
            at, _, lane = heapq.heappop(self._heap)
            if lane.scheduled == at:  # else an earlier entry has replaced this one
                lane.scheduled = None
                yield lane
