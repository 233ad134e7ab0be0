from __future__ import annotations

#: ssthresh before anything was lost: as high as can be (RFC 5681, 3.1).
UNLIMITED = 1 << 62


class Window:
    """What all congestion controls have in common: slow start, and what idling does."""

    __slots__ = ("_mss", "cwnd", "ssthresh")

    def __init__(self) -> None:
        self._mss = 536
        self.cwnd = self._mss
        self.ssthresh = UNLIMITED

    def begin(self, mss: int, window: int) -> None:
        self._mss = mss
        self.cwnd = window

    def resize(self, mss: int) -> None:
        self._mss = mss
        self.cwnd = max(self.cwnd, mss)

    def on_timeout(self, now: int, flight: int, *, again: bool) -> None:
        if not again:
            self.on_congestion(now, flight)
        self.cwnd = self._mss

    def on_congestion(self, now: int, flight: int) -> None:
        raise NotImplementedError

    def on_idle(self, now: int, window: int) -> None:
        """RFC 5681, 4.1; slow start may lead back to three quarters (RFC 7661, 4.4.2)."""
        if self.cwnd > window:
            self.ssthresh = max(self.ssthresh, self.cwnd * 3 // 4)
            self.cwnd = window

    def _slow_start(self, acked: int) -> int:
        """Grows by all that was acknowledged; returns what is left for congestion avoidance.

        An ACK of one large segment tells of many, so there is no limit to one ACK (RFC 3465, 2.3).
        """
        grown = min(acked, self.ssthresh - self.cwnd)
        self.cwnd += grown
        return acked - grown
