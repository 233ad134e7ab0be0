"""What became of every byte between SND.UNA and the highest that was sent."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from enum import Enum
from operator import attrgetter

from netlab.stack.tcp.ranges import Range

#: So many segments are told apart; then new data joins the segment before it, and what the peer
#: acknowledges of a segment's middle counts when the rest of it is acknowledged too.
SEGMENTS = 8192


class Fate(Enum):
    IN_FLIGHT = "in flight"
    LOST = "lost"
    SACKED = "sacked"


class Segment:
    """Bytes that were sent at one time and share one fate.

    In flight, it stands in a ring of all that are, ordered by when they were last sent.
    """

    __slots__ = ("end", "fate", "newer", "older", "pieces", "retransmitted", "sent_at", "start")

    def __init__(self, start: int, end: int, sent_at: int) -> None:
        self.start = start
        self.end = end
        self.sent_at = sent_at
        self.retransmitted = False
        self.fate = Fate.IN_FLIGHT
        #: Of how many segments that the peer has this one was made.
        self.pieces = 0
        self.older = self.newer = self

    def __repr__(self) -> str:
        return f"<{self.start}:{self.end} {self.fate.value} since {self.sent_at}>"

    @property
    def size(self) -> int:
        return self.end - self.start

    def stand_after(self, other: Segment) -> None:
        self.older, self.newer = other, other.newer
        other.newer.older = self
        other.newer = self

    def step_out(self) -> None:
        self.older.newer, self.newer.older = self.newer, self.older
        self.older = self.newer = self

    def cut(self, at: int) -> Segment:
        """Keeps what is before ``at``, returns the rest as a segment of the same fate."""
        rest = Segment(at, self.end, self.sent_at)
        rest.retransmitted = self.retransmitted
        rest.fate = self.fate
        if self.newer is not self:
            rest.stand_after(self)
        self.end = at
        return rest


_start = attrgetter("start")
_age = attrgetter("sent_at", "end")


class Scoreboard:
    """Bytes are named by unwrapped sequence numbers; counts are bytes."""

    __slots__ = (
        "_lost_from",
        "_ring",
        "_segments",
        "high",
        "in_flight",
        "lost",
        "sacked",
        "selections",
        "una",
    )

    def __init__(self, start: int) -> None:
        self.una = start
        self.high = start
        self.in_flight = 0
        self.lost = 0
        self.sacked = 0
        #: How many segments the peer has beyond what it lacks.
        self.selections = 0
        self._segments: list[Segment] = []
        self._ring = Segment(start, start, 0)
        #: Nothing below is lost and not yet sent again.
        self._lost_from = start

    def __iter__(self) -> Iterator[Segment]:
        return iter(self._segments)

    def __len__(self) -> int:
        return len(self._segments)

    def sent(self, now: int, start: int, end: int) -> None:
        if start < self.high:
            self._send_again(now, start, min(end, self.high))
        if end > self.high:
            self._send_first(now, self.high, end)

    def acknowledge(self, una: int) -> list[Segment]:
        """Forgets what is below ``una``; returns what of it was not acknowledged before."""
        segments = self._segments
        arrived: list[Segment] = []
        gone = 0
        for segment in segments:
            if segment.end > una:
                break
            gone += 1
            self._drop(segment, arrived)
        del segments[:gone]
        if segments and segments[0].start < una:
            first = segments[0]
            segments[0] = first.cut(una)
            segments[0].pieces, first.pieces = first.pieces, 0
            self._drop(first, arrived)
        self.una = max(self.una, una)
        return arrived

    def select(self, blocks: Iterable[Range]) -> list[Segment]:
        """Takes the peer's blocks in (RFC 2018); returns what was not acknowledged before."""
        arrived: list[Segment] = []
        for start, end in blocks:
            if self.una <= start < end <= self.high:
                self._select(start, end, arrived)
        return arrived

    def lose(self, segment: Segment) -> None:
        """Takes a segment in flight for lost."""
        segment.step_out()
        segment.fate = Fate.LOST
        size = segment.size
        self.in_flight -= size
        self.lost += size
        self._lost_from = min(self._lost_from, segment.start)

    def lose_first(self, size: int) -> list[Range]:
        """Takes the first ``size`` bytes, if they are in flight, for lost."""
        if not self._segments or self._segments[0].fate is not Fate.IN_FLIGHT:
            return []
        first = self._segments[0]
        self._cut(0, first.start + size)
        self.lose(first)
        return [(first.start, first.end)]

    def lose_all(self) -> None:
        """Takes everything in flight for lost."""
        for segment in self.by_age():
            self.lose(segment)

    def lose_longer(self, size: int) -> None:
        """Takes the segments in flight that are longer than that for lost."""
        for segment in self.by_age():
            if segment.size > size:
                self.lose(segment)

    def distrust_selections(self) -> None:
        """The peer threw away what it had acknowledged selectively: all of that is lost."""
        for segment in self._segments:
            if segment.fate is Fate.SACKED:
                segment.fate = Fate.LOST
                segment.pieces = 0
                self._lost_from = min(self._lost_from, segment.start)
        self.lost += self.sacked
        self.sacked = self.selections = 0

    def lose_none(self) -> None:
        """What was taken for lost is in flight after all."""
        ring = self._ring
        ring.older = ring.newer = ring
        waiting = [segment for segment in self._segments if segment.fate is not Fate.SACKED]
        for segment in sorted(waiting, key=_age):
            segment.fate = Fate.IN_FLIGHT
            segment.stand_after(ring.older)
        self.in_flight += self.lost
        self.lost = 0

    def next_lost(self) -> Range | None:
        """The lowest bytes that are lost and not sent again."""
        if not self.lost:
            return None
        segments = self._segments
        index = max(bisect_right(segments, self._lost_from, key=_start) - 1, 0)
        while segments[index].fate is not Fate.LOST:
            index += 1
        segment = segments[index]
        self._lost_from = segment.start
        return segment.start, segment.end

    def by_age(self) -> Iterator[Segment]:
        """What is in flight, what was sent longest ago first; the one at hand may be lost."""
        segment = self._ring.newer
        while segment is not self._ring:
            following = segment.newer
            yield segment
            segment = following

    def from_the_end(self) -> Iterator[Segment]:
        return reversed(self._segments)

    @property
    def first(self) -> Segment | None:
        return self._segments[0] if self._segments else None

    @property
    def oldest(self) -> Segment | None:
        """What is in flight and was sent longest ago."""
        oldest = self._ring.newer
        return None if oldest is self._ring else oldest

    @property
    def last(self) -> Segment | None:
        return self._segments[-1] if self._segments else None

    def _send_first(self, now: int, start: int, end: int) -> None:
        self.high = end
        self.in_flight += end - start
        segments = self._segments
        if len(segments) >= SEGMENTS and segments[-1].fate is Fate.IN_FLIGHT:
            segment = segments[-1]
            segment.end, segment.sent_at = end, now
            segment.step_out()
        else:
            segment = Segment(start, end, now)
            segments.append(segment)
        segment.stand_after(self._ring.older)

    def _send_again(self, now: int, start: int, end: int) -> None:
        index = self._find(start)
        while index < len(self._segments) and self._segments[index].start < end:
            segment = self._segments[index]
            index += 1
            if segment.fate is Fate.SACKED:
                continue
            self._cut(index - 1, end)
            size = segment.size
            if segment.fate is Fate.LOST:
                self.lost -= size
                self.in_flight += size
                segment.fate = Fate.IN_FLIGHT
            else:
                segment.step_out()
            segment.stand_after(self._ring.older)
            segment.sent_at = now
            segment.retransmitted = True

    def _select(self, start: int, end: int, arrived: list[Segment]) -> None:
        segments = self._segments
        first = index = self._find(start)
        if segments[first].start < start:  # the table is full: its first bytes stay in doubt
            first = index = index + 1
        while index < len(segments) and segments[index].start < end:
            segment = segments[index]
            if segment.fate is not Fate.SACKED:
                self._cut(index, end)
                if segment.end > end:
                    break
                self._leave(segment)
                arrived.append(segment)
                self.sacked += segment.size
                segments[index] = Segment(segment.start, segment.end, segment.sent_at)
                segments[index].fate = Fate.SACKED
                segments[index].pieces = 1
                self.selections += 1
            index += 1
        self._join(first, index)

    def _join(self, first: int, behind: int) -> None:
        """Makes one segment of neighbours that the peer has: walking over them stays short."""
        segments = self._segments
        if first > 0 and segments[first - 1].fate is Fate.SACKED:
            first -= 1
        if behind < len(segments) and segments[behind].fate is Fate.SACKED:
            behind += 1
        if behind - first > 1:
            segments[first].end = segments[behind - 1].end
            segments[first].pieces = sum(s.pieces for s in segments[first:behind])
            del segments[first + 1 : behind]

    def _find(self, at: int) -> int:
        """The index of the segment that begins at ``at``, made so where there is room."""
        index = max(bisect_right(self._segments, at, key=_start) - 1, 0)
        return index + 1 if self._cut(index, at) else index

    def _cut(self, index: int, at: int) -> bool:
        segment = self._segments[index]
        if not segment.start < at < segment.end or len(self._segments) >= SEGMENTS:
            return False
        if segment.fate is Fate.SACKED:
            return False
        self._segments.insert(index + 1, segment.cut(at))
        return True

    def _drop(self, segment: Segment, arrived: list[Segment]) -> None:
        if segment.fate is Fate.SACKED:
            self.sacked -= segment.size
            self.selections -= segment.pieces
        else:
            self._leave(segment)
            arrived.append(segment)

    def _leave(self, segment: Segment) -> None:
        size = segment.size
        if segment.fate is Fate.LOST:
            self.lost -= size
        else:
            self.in_flight -= size
            segment.step_out()
