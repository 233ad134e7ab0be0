from __future__ import annotations

from netlab.stack.tcp.recovery.congestion.protocol import Standing
from netlab.stack.tcp.recovery.congestion.window import Window


class Reno(Window):
    """Congestion avoidance of RFC 5681, 3.1, counting bytes (RFC 3465, 2.1)."""

    __slots__ = ("_avoided",)

    name = "reno"

    def __init__(self) -> None:
        super().__init__()
        #: Bytes acknowledged since cwnd last grew by a segment.
        self._avoided = 0

    def on_ack(self, now: int, acked: int, *, rtt: int | None, srtt: int | None, trip: int) -> None:
        if self.cwnd < self.ssthresh:
            acked = self._slow_start(acked)
        self._avoided += acked
        if self._avoided >= self.cwnd:
            self._avoided -= self.cwnd
            self.cwnd += self._mss

    def on_congestion(self, now: int, flight: int) -> None:
        self._avoided = 0
        self.ssthresh = max(flight // 2, 2 * self._mss)

    def standing(self) -> Standing:
        return self.cwnd, self.ssthresh

    def restore(self, standing: Standing) -> None:
        cwnd, self.ssthresh = standing
        self.cwnd = max(self.cwnd, cwnd)
