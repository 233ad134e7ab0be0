from __future__ import annotations

from operator import attrgetter

from netlab.stack.tcp.ranges import Range
from netlab.stack.tcp.recovery.scoreboard import Segment

_end = attrgetter("end")


class Arrival:
    """What one ACK brought."""

    __slots__ = (
        "acked",
        "echoed_ns",
        "flight",
        "is_duplicate",
        "known",
        "more",
        "now",
        "ordered",
        "selected",
        "twice",
    )

    def __init__(self, now: int, *, is_duplicate: bool, echoed_ns: int | None, more: bool) -> None:
        self.now = now
        self.is_duplicate = is_duplicate
        self.echoed_ns = echoed_ns
        self.more = more
        #: How far SND.UNA advanced.
        self.acked = 0
        #: Before it came: what was outstanding, and how much of that the peer was known to have.
        self.flight = self.known = 0
        #: What it acknowledges for the first time, cumulatively and selectively.
        self.ordered: list[Segment] = []
        self.selected: list[Segment] = []
        #: What it reports as received twice.
        self.twice: Range | None = None

    @property
    def tells(self) -> bool:
        return self.acked > 0 or self.is_duplicate or bool(self.selected)

    def in_order(self) -> list[Segment]:
        if not self.selected:
            return self.ordered
        return sorted(self.ordered + self.selected, key=_end)

    def shows_originals(self, before: int, *, sack: bool) -> bool:
        """Whether something arrived that was sent once, and lies below ``before``.

        Without SACK, what came along with a retransmission may have come any time earlier.
        """
        if not sack and any(segment.retransmitted for segment in self.ordered):
            return False
        arrived = self.ordered + self.selected
        return any(not segment.retransmitted and segment.end <= before for segment in arrived)
