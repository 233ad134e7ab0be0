"""32-bit sequence numbers made plain integers (RFC 9293 section 3.4)."""

from __future__ import annotations

from dataclasses import dataclass

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
class Received:
    """What arrived of a sequence space: ``next`` is the first number still missing (RCV.NXT)."""

    next: int = 0
    _later: list[tuple[int, int]] | None = None

    def take(self, start: int, end: int) -> None:
        """Numbers from ``start`` up to, not including, ``end`` arrived."""
        if start > self.next:
            self._later = sorted([*(self._later or ()), (start, end)])
            return
        self.next = max(self.next, end)
        while self._later and self._later[0][0] <= self.next:
            self.next = max(self.next, self._later.pop(0)[1])
