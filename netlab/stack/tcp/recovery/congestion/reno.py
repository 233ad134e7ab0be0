from __future__ import annotations

#: ssthresh before anything was lost: as high as can be (RFC 5681, 3.1).
UNLIMITED = 1 << 62


class Reno:
    """Slow start and congestion avoidance (RFC 5681, 3.1), byte-counting (RFC 3465)."""

    __slots__ = ("_avoided", "_before", "_mss", "cwnd", "ssthresh")

    name = "reno"

    def __init__(self) -> None:
        self._mss = 536
        self.cwnd = self._mss
        self.ssthresh = UNLIMITED
        self._avoided = 0
        self._before = (self.cwnd, self.ssthresh)

    def begin(self, mss: int, window: int) -> None:
        self._mss = mss
        self.cwnd = window

    def resize(self, mss: int) -> None:
        self._mss = mss
        self.cwnd = max(self.cwnd, mss)

    def on_ack(self, now: int, acked: int, *, rtt: int | None, srtt: int | None) -> None:
        if self.cwnd < self.ssthresh:
            grown = min(acked, self.ssthresh - self.cwnd)
            self.cwnd += grown
            acked -= grown
        self._avoided += acked
        if self._avoided >= self.cwnd:
            self._avoided -= self.cwnd
            self.cwnd += self._mss

    def on_congestion(self, now: int, in_flight: int) -> None:
        self._before = (self.cwnd, self.ssthresh)
        self._avoided = 0
        self.ssthresh = max(in_flight // 2, 2 * self._mss)

    def on_timeout(self, now: int, in_flight: int, *, again: bool) -> None:
        if not again:
            self.on_congestion(now, in_flight)
        self.cwnd = self._mss

    def on_idle(self, now: int, window: int) -> None:
        self.cwnd = min(self.cwnd, window)

    def undo(self) -> None:
        cwnd, self.ssthresh = self._before
        self.cwnd = max(self.cwnd, cwnd)
