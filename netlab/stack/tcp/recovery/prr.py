from __future__ import annotations


class RateReduction:
    """Brings what is in flight down to ssthresh while ACKs come in (RFC 6937, RFC 9937)."""

    __slots__ = ("_delivered", "_flight", "_out")

    def __init__(self) -> None:
        self._delivered = self._out = 0
        self._flight = 1

    def begin(self, flight: int) -> None:
        """``flight``: what was outstanding and not yet known to have arrived: RecoverFS."""
        self._delivered = self._out = 0
        self._flight = max(flight, 1)

    def sent(self, size: int) -> None:
        self._out += size

    def allows(self, delivered: int, *, in_flight: int, ssthresh: int, mss: int, safe: bool) -> int:
        """How much may leave for an ACK of ``delivered`` bytes.

        ``safe``: it acknowledged data in order and told of no further loss (RFC 9937, 5).
        """
        self._delivered += delivered
        if in_flight > ssthresh:
            allowed = -(-self._delivered * ssthresh // self._flight) - self._out
        else:
            limit = max(self._delivered - self._out, delivered)
            allowed = min(ssthresh - in_flight, limit + mss if safe else limit)
        # The first retransmission waits for no ACK; nor does one that none could follow.
        return max(allowed, 0 if self._out and in_flight else mss)
