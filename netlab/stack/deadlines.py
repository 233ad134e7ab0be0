"""When which of many things is due."""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

_Key = TypeVar("_Key", bound=Hashable)

#: A heap this much longer than twice what it times is made anew.
_SLACK = 64


class Deadlines(Generic[_Key]):
    """A time in nanoseconds for each key. Setting it again moves it, in O(log n)."""

    __slots__ = ("_due", "_heap", "_order")

    def __init__(self) -> None:
        self._due: dict[_Key, int] = {}
        self._heap: list[tuple[int, int, _Key]] = []
        self._order = 0

    def __len__(self) -> int:
        return len(self._due)

    def __contains__(self, key: _Key) -> bool:
        return key in self._due

    def when(self, key: _Key) -> int | None:
        return self._due.get(key)

    def set(self, key: _Key, when: int) -> None:
        if self._due.get(key) == when:
            return
        self._due[key] = when
        self._order += 1  # keys need no order of their own
        heapq.heappush(self._heap, (when, self._order, key))
        if len(self._heap) > 2 * len(self._due) + _SLACK:
            self._heap = [entry for entry in self._heap if self._due.get(entry[2]) == entry[0]]
            heapq.heapify(self._heap)

    def cancel(self, key: _Key) -> None:
        self._due.pop(key, None)

    def next(self) -> int | None:
        """The earliest time of all."""
        heap = self._heap
        while heap:
            when, _, key = heap[0]
            if self._due.get(key) == when:
                return when
            heapq.heappop(heap)
        return None

    def expired(self, now: int) -> Iterator[_Key]:
        """What is due, earliest first; it is no longer timed once it has been told."""
        while (when := self.next()) is not None and when <= now:
            key = heapq.heappop(self._heap)[2]
            del self._due[key]
            yield key


def earliest(*times: int | None) -> int | None:
    """The first of several times of which some may be none."""
    first = None
    for time in times:
        if time is not None and (first is None or time < first):
            first = time
    return first
