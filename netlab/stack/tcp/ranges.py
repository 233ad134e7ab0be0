"""Sets of sequence numbers, kept as disjoint ranges in order."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import TypeAlias

#: Numbers from the first up to, not including, the second.
Range: TypeAlias = tuple[int, int]


class Ranges:
    """Ranges that touch are one. All operations take time by the logarithm of their number."""

    __slots__ = ("_ends", "_starts")

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def __len__(self) -> int:
        return len(self._starts)

    def __iter__(self) -> Iterator[Range]:
        return zip(self._starts, self._ends, strict=True)

    def add(self, start: int, end: int) -> None:
        if start >= end:
            return
        first = bisect_left(self._ends, start)
        last = bisect_right(self._starts, end)
        if first < last:
            start = min(start, self._starts[first])
            end = max(end, self._ends[last - 1])
        self._starts[first:last], self._ends[first:last] = [start], [end]

    def missing(self, start: int, end: int) -> list[Range]:
        """The parts of a range that are not in the set."""
        gaps = []
        place = bisect_right(self._ends, start)
        while start < end and place < len(self._starts) and self._starts[place] < end:
            if start < self._starts[place]:
                gaps.append((start, self._starts[place]))
            start = self._ends[place]
            place += 1
        if start < end:
            gaps.append((start, end))
        return gaps

    def overlap(self, start: int, end: int) -> Range | None:
        """The first part of a range that is in the set."""
        place = bisect_right(self._ends, start)
        if start >= end or place == len(self._starts) or self._starts[place] >= end:
            return None
        return max(start, self._starts[place]), min(end, self._ends[place])

    def around(self, number: int) -> Range | None:
        """The range that holds ``number``."""
        place = bisect_right(self._starts, number) - 1
        if place >= 0 and number < self._ends[place]:
            return self._starts[place], self._ends[place]
        return None

    def remove_first(self, count: int) -> None:
        """Take out the lowest ranges."""
        del self._starts[:count], self._ends[:count]

    def remove_below(self, number: int) -> None:
        """Take out all numbers less than ``number``."""
        gone = bisect_right(self._ends, number)
        del self._starts[:gone], self._ends[:gone]
        if self._starts and self._starts[0] < number:
            self._starts[0] = number
