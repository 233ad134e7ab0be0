from __future__ import annotations

from netlab.stack.tcp.recovery.congestion.hystart import HyStart
from netlab.stack.tcp.recovery.congestion.protocol import Standing
from netlab.stack.tcp.recovery.congestion.window import Window

#: C = 4/10 segments per cubic second (RFC 9438, 5), here with microseconds.
_C, _PER = 4, 10 * 10**18
#: alpha_cubic = 3 * (1 - beta) / (1 + beta) = 9/17 for beta = 7/10 (RFC 9438, 4.3).
_FRIENDLY, _PER_FRIENDLY = 9, 17


class Cubic(Window):
    """cwnd as a cubic function of the time since it was last lowered (RFC 9438).

    All in integers, so that every machine computes the same.
    """

    __slots__ = (
        "_credit",
        "_epoch",
        "_estimate",
        "_hystart",
        "_k",
        "_last",
        "_origin",
        "_prior",
        "_remainder",
        "_w_max",
    )

    name = "cubic"

    def __init__(self, *, hystart: bool = True) -> None:
        super().__init__()
        self._hystart = HyStart() if hystart else None
        self._w_max = 0
        #: cwnd when it was last lowered: cwnd_prior.
        self._prior = 0
        #: When congestion avoidance began; None before.
        self._epoch: int | None = None
        #: The plateau, and after how many microseconds it is reached.
        self._origin = self._k = 0
        #: What Reno would have by now: W_est; and bytes acknowledged since it last grew.
        self._estimate = self._credit = 0
        self._remainder = 0
        self._last = 0

    def on_ack(self, now: int, acked: int, *, rtt: int | None, srtt: int | None, trip: int) -> None:
        if self.cwnd < self.ssthresh:
            hystart = self._hystart
            if hystart is not None and rtt is not None:
                hystart.measured(rtt, trip)
            growth = acked if hystart is None else acked // hystart.divisor
            left = self._slow_start(growth)
            if hystart is not None and hystart.done:
                self.ssthresh = self.cwnd
            if not left:
                return
            acked = left
        self._avoid(now, acked, srtt or 0)

    def on_congestion(self, now: int, flight: int) -> None:
        # Fast convergence (RFC 9438, 4.7): leave room for who came later.
        self._w_max = self.cwnd * 17 // 20 if self.cwnd < self._w_max else self.cwnd
        self._prior = self.cwnd
        self.ssthresh = max(flight * 7 // 10, 2 * self._mss)
        self._epoch = None
        self._hystart = None

    def on_idle(self, now: int, window: int) -> None:
        super().on_idle(now, window)
        self._epoch = None

    def standing(self) -> Standing:
        return self.cwnd, self.ssthresh, self._w_max, self._prior

    def restore(self, standing: Standing) -> None:
        cwnd, self.ssthresh, self._w_max, self._prior = standing
        self.cwnd = max(self.cwnd, cwnd)
        self._epoch = None

    def _avoid(self, now: int, acked: int, srtt: int) -> None:
        if self._epoch is None:
            self._begin_epoch(now)
        elif now - self._last > 2 * srtt:  # idle or held back by something else (RFC 9438, 5.8)
            self._epoch += now - self._last
        self._last = now
        assert self._epoch is not None
        elapsed = (now - self._epoch) // 1000
        self._grow_estimate(acked)
        if self._cubic(elapsed) < self._estimate:
            self.cwnd = max(self.cwnd, self._estimate)
            return
        ahead = self._cubic(elapsed + srtt // 1000)
        target = min(max(ahead, self.cwnd), self.cwnd * 3 // 2)
        grown, self._remainder = divmod((target - self.cwnd) * acked + self._remainder, self.cwnd)
        self.cwnd += grown

    def _begin_epoch(self, now: int) -> None:
        self._epoch = now
        self._origin = max(self._w_max, self.cwnd)
        self._k = _cube_root((self._origin - self.cwnd) * _PER // (_C * self._mss))
        self._estimate, self._credit, self._remainder = self.cwnd, 0, 0

    def _cubic(self, elapsed: int) -> int:
        """W_cubic, ``elapsed`` microseconds after the epoch began (RFC 9438, 4.2)."""
        return self._origin + _C * self._mss * (elapsed - self._k) ** 3 // _PER

    def _grow_estimate(self, acked: int) -> None:
        """RFC 9438, 4.3: slower than Reno until cwnd is what it was before."""
        slow = self._estimate < self._prior
        enough = self.cwnd * _PER_FRIENDLY // _FRIENDLY if slow else self.cwnd
        self._credit += acked
        if self._credit >= enough:
            segments, self._credit = divmod(self._credit, enough)
            self._estimate += segments * self._mss


def _cube_root(number: int) -> int:
    """The largest integer whose cube is not above ``number``."""
    root = 1 << -(-number.bit_length() // 3)
    while root**3 > number:
        root = (2 * root + number // root**2) // 3
    return root
