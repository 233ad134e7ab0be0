from __future__ import annotations

from collections.abc import Iterable

from netlab.stack.tcp.ranges import Range
from netlab.stack.tcp.recovery.limits import Limits
from netlab.stack.tcp.recovery.rtt import RoundTrip
from netlab.stack.tcp.recovery.scoreboard import Scoreboard, Segment

#: Segments that must be acknowledged past a hole before it is a loss at once (RFC 8985, 6.2).
DUPLICATE_THRESHOLD = 3
#: Recoveries without a needless retransmission until the reordering window shrinks again.
PERSISTENCE = 16


class Rack:
    """Takes for lost what was sent a while before something that arrived (RFC 8985, 6)."""

    __slots__ = (
        "_duplicate_round",
        "_end",
        "_forward",
        "_limits",
        "_multiplier",
        "_persist",
        "_rtt",
        "_sent_at",
        "_trip",
        "reordering_seen",
    )

    def __init__(self, trip: RoundTrip, limits: Limits, start: int) -> None:
        self._trip = trip
        self._limits = limits
        #: When and where the segment was sent that, of those that arrived, was sent last.
        self._sent_at = -1
        self._end = start
        #: Its round-trip time.
        self._rtt = 0
        #: The highest sequence number that arrived: RACK.fack.
        self._forward = start
        self.reordering_seen = False
        self._multiplier = 1
        self._persist = PERSISTENCE
        self._duplicate_round: int | None = None

    def arrived(self, now: int, segments: Iterable[Segment], echoed_ns: int | None) -> None:
        """Steps 2 and 3: what is acknowledged for the first time, in order of sequence."""
        for segment in segments:
            end, sent_at = segment.end, segment.sent_at
            if segment.retransmitted:
                if self._is_of_earlier(segment, now, echoed_ns):
                    continue
            elif end < self._forward:
                self.reordering_seen = True
            self._forward = max(self._forward, end)
            if sent_at > self._sent_at or (sent_at == self._sent_at and end > self._end):
                self._sent_at, self._end = sent_at, end
                self._rtt = now - sent_at

    def forget(self) -> None:
        """What was sent again arrived, but not from there: nothing is overdue because of it."""
        self._sent_at = -1

    def sent_twice(self, una: int, high: int) -> None:
        """Step 4: the peer got something twice, so the window was too small, once a round trip."""
        if self._duplicate_round is not None and una < self._duplicate_round:
            return
        self._duplicate_round = high
        # What was sent again too soon hides that the first copy came late.
        self.reordering_seen = True
        self._multiplier += 1
        self._persist = PERSISTENCE

    def recovered(self) -> None:
        """Step 4: a recovery ended."""
        self._persist -= 1
        if self._persist <= 0:
            self._multiplier = 1

    def window(self, board: Scoreboard, *, recovering: bool) -> int:
        """Step 4: how much later than what was sent after it a segment may arrive."""
        certain = recovering or board.selections >= DUPLICATE_THRESHOLD
        if certain and not self.reordering_seen:
            return 0
        window = self._multiplier * self._trip.minimum // 4
        return min(window, self._trip.srtt or window)

    def detect(self, now: int, board: Scoreboard, *, recovering: bool) -> tuple[list[Range], int]:
        """Step 5: takes for lost what is overdue.

        Returns that, and how long to wait for what soon may be, or 0.
        """
        lost: list[Range] = []
        wait = 0
        oldest = board.oldest
        if oldest is None or oldest.sent_at > self._sent_at:
            return lost, wait
        deadline = self._rtt + self.window(board, recovering=recovering) - now
        for segment in board.by_age():
            if segment.sent_at > self._sent_at:
                break
            if segment.sent_at == self._sent_at and segment.end >= self._end:
                continue
            remaining = segment.sent_at + deadline
            if remaining <= 0:
                board.lose(segment)
                lost.append((segment.start, segment.end))
            else:
                wait = max(wait, remaining)
        return lost, wait and wait + self._limits.timer_slack

    def timed_out(self, now: int, board: Scoreboard) -> None:
        """Takes the first segment and what is overdue for lost (RFC 8985, 6.3)."""
        overdue = now - self._rtt - self.window(board, recovering=True)
        first = board.first
        for segment in board.by_age():
            if segment is first or segment.sent_at <= overdue:
                board.lose(segment)

    def _is_of_earlier(self, segment: Segment, now: int, echoed_ns: int | None) -> bool:
        """Whether an earlier transmission of ``segment`` may have been acknowledged (step 2)."""
        sent_at = segment.sent_at
        if echoed_ns is not None and echoed_ns + self._limits.timestamp_tick <= sent_at:
            return True
        return now - sent_at < self._trip.minimum
