"""Packets that are under way until their time comes."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator


class DelayLine:
    """Keeps order, as a cable does, but for those that are pushed as ``late``."""

    def __init__(self) -> None:
        self._in_order: deque[tuple[int, int, bytes]] = deque()
        self._late: list[tuple[int, int, bytes]] = []
        self._number = 0
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._in_order) + len(self._late)

    @property
    def next_due(self) -> int | None:
        first = self._first()
        return None if first is None else first[0][0]

    def push(self, due: int, frame: bytes, *, late: bool = False) -> None:
        self._number += 1
        self.bytes += len(frame)
        if late:
            heapq.heappush(self._late, (due, self._number, frame))
        else:
            self._in_order.append((due, self._number, frame))

    def pop(self, now: int) -> Iterator[bytes]:
        """All that are due by ``now``; what is not late waits for those before it."""
        while (first := self._first()) and first[0][0] <= now:
            (_, _, frame), is_late = first
            if is_late:
                heapq.heappop(self._late)
            else:
                self._in_order.popleft()
            self.bytes -= len(frame)
            yield frame

    def _first(self) -> tuple[tuple[int, int, bytes], bool] | None:
        """The packet that is due first, and whether it is a late one."""
        if self._late and (not self._in_order or self._late[0] < self._in_order[0]):
            return self._late[0], True
        return (self._in_order[0], False) if self._in_order else None
