from __future__ import annotations

from netlab.stack.tcp.recovery.limits import Limits


class RoundTrip:
    """The round-trip time and the retransmission timeout made of it (RFC 6298); nanoseconds."""

    __slots__ = ("_limits", "_timeout", "backoffs", "rttvar", "srtt")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._timeout = limits.initial_rto
        #: None until the first measurement.
        self.srtt: int | None = None
        self.rttvar = 0
        #: How often the timer expired since data was last acknowledged.
        self.backoffs = 0

    @property
    def rto(self) -> int:
        """Doubled with each expiry (RFC 6298, 5.5)."""
        if not self.backoffs:
            return self._timeout
        return min(self._timeout << min(self.backoffs, 32), self._limits.max_rto)

    def measured(self, sample: int, samples_per_trip: int = 1) -> None:
        """Takes a measurement in; where there are several a round trip, each weighs less.

        RFC 6298, 2.2 and 2.3; the weights are those of RFC 7323, appendix G.
        """
        if self.srtt is None:
            self.srtt, self.rttvar = sample, sample // 2
        else:
            deviation = abs(self.srtt - sample)
            self.rttvar += (deviation - self.rttvar) // (4 * samples_per_trip)
            self.srtt += (sample - self.srtt) // (8 * samples_per_trip)
        limits = self._limits
        timeout = self.srtt + max(limits.granularity, 4 * self.rttvar)
        self._timeout = min(max(timeout, limits.min_rto), limits.max_rto)

    def expired(self) -> None:
        self.backoffs += 1

    def advanced(self) -> None:
        """Data was acknowledged: the timeout is again what was measured."""
        self.backoffs = 0

    def begin_after_lost_syn(self) -> None:
        """A SYN that was lost makes the timeout of the first data three seconds (RFC 6298, 5.7)."""
        if self.srtt is None:
            self._timeout = max(self._timeout, 3_000_000_000)
