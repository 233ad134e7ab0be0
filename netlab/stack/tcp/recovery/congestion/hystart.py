from __future__ import annotations

from netlab.stack.tcp.recovery.limits import MILLISECOND

#: RFC 9406, 4.3.
_SAMPLES = 8
_LEAST, _MOST = 4 * MILLISECOND, 16 * MILLISECOND
_ROUNDS = 5
_DIVISOR = 4


class HyStart:
    """Ends slow start when round trips grow longer, before a queue overflows (RFC 9406)."""

    __slots__ = ("_baseline", "_current", "_last", "_rounds", "_samples", "_trip")

    def __init__(self) -> None:
        self._trip = -1
        #: Shortest round trips of this round and of the one before.
        self._current: int | None = None
        self._last: int | None = None
        self._samples = 0
        #: The round trip that made growth conservative; None in ordinary slow start.
        self._baseline: int | None = None
        self._rounds = 0

    @property
    def divisor(self) -> int:
        """By how much growth is slower than in slow start."""
        return 1 if self._baseline is None else _DIVISOR

    @property
    def done(self) -> bool:
        """Conservative growth has lasted long enough: congestion avoidance begins."""
        return self._rounds >= _ROUNDS

    def measured(self, rtt: int, trip: int) -> None:
        if trip != self._trip:
            self._trip = trip
            self._last, self._current, self._samples = self._current, None, 0
            if self._baseline is not None:
                self._rounds += 1
        self._samples += 1
        self._current = rtt if self._current is None else min(self._current, rtt)
        if self._samples < _SAMPLES:
            return
        if self._baseline is not None:
            if self._current < self._baseline:
                self._baseline, self._rounds = None, 0
        elif self._last is not None:
            threshold = min(max(self._last // 8, _LEAST), _MOST)
            if self._current >= self._last + threshold:
                self._baseline = self._current
