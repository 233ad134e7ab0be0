from __future__ import annotations

from netlab.stack.tcp.recovery.limits import SECOND, Limits

#: How long a shortest round trip is believed in before a longer one replaces it.
MEMORY = 300 * SECOND


class RoundTrip:
    """The round-trip time and the retransmission timeout made of it (RFC 6298); nanoseconds."""

    __slots__ = (
        "_before",
        "_began",
        "_limits",
        "_lowest",
        "_lowest_at",
        "_timeout",
        "_weight",
        "backoffs",
        "rttvar",
        "srtt",
    )

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._timeout = limits.initial_rto
        #: None until the first measurement.
        self.srtt: int | None = None
        self.rttvar = 0
        #: How often the timer expired since a round trip was last measured.
        self.backoffs = 0
        self._began = self._lowest_at = 0
        #: Measurements in this round trip so far, and in the one before.
        self._weight = self._before = 1
        self._lowest: int | None = None

    @property
    def rto(self) -> int:
        """Doubled with each expiry (RFC 6298, 5.5)."""
        if not self.backoffs:
            return self._timeout
        return min(self._timeout << min(self.backoffs, 32), self._limits.max_rto)

    @property
    def minimum(self) -> int:
        """The shortest round trip of the last minutes; 0 before the first."""
        return self._lowest or 0

    def measured(self, now: int, sample: int) -> None:
        """Takes a measurement in (RFC 6298, 2.2 and 2.3), and ends the back-off (5.7).

        Of several in a round trip each weighs less (RFC 7323, appendix G).
        """
        if self.srtt is None:
            self.srtt, self.rttvar = sample, sample // 2
            self._began = now
        else:
            if now - self._began >= self.srtt:
                self._began, self._before, self._weight = now, self._weight, 0
            self._weight += 1
            deviation = abs(self.srtt - sample)
            self.rttvar += (deviation - self.rttvar) // (4 * self._before)
            self.srtt += (sample - self.srtt) // (8 * self._before)
        self.backoffs = 0
        limits = self._limits
        timeout = self.srtt + max(limits.granularity, 4 * self.rttvar)
        self._timeout = min(max(timeout, limits.min_rto), limits.max_rto)

    def seen(self, now: int, sample: int) -> None:
        """A round trip of any segment: the shortest is remembered (RFC 8985, 6.2, step 1)."""
        if self._lowest is None or sample <= self._lowest or now - self._lowest_at > MEMORY:
            self._lowest, self._lowest_at = sample, now

    def expired(self) -> None:
        self.backoffs += 1

    def begin_after_lost_syn(self) -> None:
        """A SYN that was lost makes the timeout of the first data three seconds (RFC 6298, 5.7)."""
        if self.srtt is None:
            self._timeout = max(self._timeout, 3 * SECOND)
            self.backoffs = 0
