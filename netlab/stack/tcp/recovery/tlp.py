from __future__ import annotations

from netlab.stack.tcp.ranges import Range
from netlab.stack.tcp.recovery.limits import SECOND, Limits


class LossProbe:
    """One segment that makes the peer tell what became of the last ones (RFC 8985, 7)."""

    __slots__ = ("_end", "_is_retransmission", "_limits", "_wanted")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._wanted = False
        #: SND.NXT when the probe was sent, until it is answered: TLP.end_seq.
        self._end: int | None = None
        self._is_retransmission = False

    @property
    def outstanding(self) -> bool:
        return self._end is not None

    def delay(self, srtt: int | None, *, one_segment: bool) -> int:
        """How long to wait for an ACK (RFC 8985, 7.2)."""
        if srtt is None:
            return SECOND
        delayed = self._limits.max_ack_delay if one_segment else self._limits.timer_slack
        return 2 * srtt + delayed

    def want(self) -> None:
        """The timer expired: the next segment sent is the probe."""
        self._wanted = True

    def sent(self, high: int, *, is_retransmission: bool) -> None:
        if self._wanted:
            self._wanted = False
            self._end = high
            self._is_retransmission = is_retransmission

    def abandon(self) -> None:
        self._wanted = False
        self._end = None

    def answered(self, una: int, duplicate: Range | None, *, is_plain_duplicate: bool) -> bool:
        """Takes an ACK in; returns whether it shows that the probe repaired a loss (7.4.2).

        ``is_plain_duplicate``: a duplicate ACK without SACK blocks.
        """
        end = self._end
        if end is None or una < end:
            return False
        if not self._is_retransmission or (duplicate is not None and duplicate[1] == end):
            self._end = None
            return False
        if una > end:
            self._end = None
            return True
        if is_plain_duplicate:
            self._end = None
        return False
