"""32-bit sequence numbers made plain integers (RFC 9293 section 3.4)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

_MODULUS = 1 << 32
_HALF = 1 << 31


@dataclass(slots=True)
class SequenceSpace:
    """One direction's numbers, counted from ``initial``; they do not wrap after 4 GiB."""

    initial: int
    _near: int = 0

    def relative(self, number: int) -> int:
        """``number`` as the distance from ``initial``, taken nearest to the numbers before it."""
        distance = (number - self.initial - self._near + _HALF) % _MODULUS - _HALF
        relative = self._near + distance
        self._near = max(self._near, relative)
        return relative


@dataclass(slots=True)
class Ranges:
    """Numbers of a sequence space, whatever order they came in."""

    _starts: list[int] = field(default_factory=list)
    _ends: list[int] = field(default_factory=list)

    def add(self, start: int, end: int) -> int:
        """Add the numbers from ``start`` up to, not including, ``end``; how many are new."""
        if start >= end:
            return 0
        first = bisect_left(self._ends, start)
        last = bisect_right(self._starts, end)
        known = sum(
            min(end, until) - max(start, since)
            for since, until in zip(self._starts[first:last], self._ends[first:last], strict=True)
        )
        whole = (
            min([start, *self._starts[first:last]]),
            max([end, *self._ends[first:last]]),
        )
        self._starts[first:last], self._ends[first:last] = [whole[0]], [whole[1]]
        return end - start - known

    def covers(self, start: int, end: int) -> bool:
        return self.end_at(start) >= end

    def end_at(self, number: int) -> int:
        """The first number from ``number`` on that is not there."""
        place = bisect_right(self._starts, number) - 1
        return max(number, self._ends[place]) if place >= 0 else number


@dataclass(slots=True)
class Received:
    """What arrived of a sequence space: ``next`` is the first number still missing (RCV.NXT)."""

    next: int = 0
    _all: Ranges = field(default_factory=Ranges)

    def take(self, start: int, end: int) -> None:
        """Numbers from ``start`` up to, not including, ``end`` arrived."""
        self._all.add(start, end)
        if start <= self.next:
            self.next = self._all.end_at(max(self.next, end))
