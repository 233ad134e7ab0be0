from __future__ import annotations

from collections.abc import Iterable

from netlab.stack.tcp.ranges import Range, Ranges
from netlab.stack.tcp.recovery.congestion.protocol import Standing
from netlab.stack.tcp.recovery.scoreboard import Segment

#: After so many separate ranges were sent again, no proof can be kept.
RANGES = 4096
#: So many reductions wait for a proof; of more the oldest stay as they are.
EPISODES = 8


class Episode:
    """What was sent again since one reduction, and how congestion control stood before."""

    __slots__ = ("_by_echo_only", "_proven", "again", "before", "since", "unproven")

    def __init__(self, before: Standing) -> None:
        self.before = before
        #: When something was first sent again; None while nothing was.
        self.since: int | None = None
        #: What was sent again, what of that needlessly, and how many bytes perhaps not.
        self.again = Ranges()
        self._proven = Ranges()
        self.unproven = 0
        #: Something was sent a third time: one report does not tell which of both was needless.
        self._by_echo_only = False

    @property
    def needless(self) -> bool:
        return self.since is not None and not self.unproven

    def sent_again(self, now: int, start: int, end: int) -> None:
        if self.since is None:
            self.since = now
        fresh = _size(self.again.missing(start, end))
        self._by_echo_only |= fresh < end - start
        self.again.add(start, end)
        self.unproven += fresh

    def sent_twice(self, start: int, end: int) -> None:
        if not self._by_echo_only and not self.again.missing(start, end):
            self._prove(start, end)

    def acknowledged(self, segments: Iterable[Segment], echoed_before: int) -> None:
        if self.since is None or echoed_before > self.since:
            return
        for segment in segments:
            if segment.retransmitted and not self.again.missing(segment.start, segment.end):
                self._prove(segment.start, segment.end)

    def _prove(self, start: int, end: int) -> None:
        self.unproven -= _size(self._proven.missing(start, end))
        self._proven.add(start, end)


class Undo:
    """Whether all that was sent again since a reduction had been needless.

    The peer tells so by reporting the bytes as duplicates (RFC 2883, RFC 3708), or by echoing
    a timestamp older than the retransmission when it acknowledges them (RFC 3522). Reports take
    a round trip, in which there may be another reduction; so the last few are watched.
    """

    __slots__ = ("_again", "_episodes")

    def __init__(self) -> None:
        self._episodes: list[Episode] = []
        #: All that was sent again of late, watched or not.
        self._again = Ranges()

    @property
    def watches(self) -> bool:
        return bool(self._episodes)

    @property
    def needless(self) -> bool:
        """Whether the last reduction was."""
        return bool(self._episodes) and self._episodes[-1].needless

    def begin(self, before: Standing) -> None:
        """A reduction: watches what is sent again from now on."""
        self._episodes.append(Episode(before))
        del self._episodes[:-EPISODES]

    def take(self) -> Standing | None:
        """How congestion control stood before the last reduction, which is undone by this."""
        return self._episodes.pop().before if self._episodes else None

    def forget(self) -> None:
        self._episodes.clear()

    def sent_again(self, now: int, start: int, end: int) -> None:
        if len(self._again) >= RANGES:
            self._again.remove_first(RANGES // 2)
        self._again.add(start, end)
        if not self._episodes:
            return
        episode = self._episodes[-1]
        if len(episode.again) >= RANGES:
            self.forget()
        else:
            episode.sent_again(now, start, end)

    def sent_twice(self, duplicate: Range) -> bool:
        """Takes a report of a duplicate in; returns whether that had been sent again.

        Otherwise the network made it (RFC 3708, 4).
        """
        if self._again.missing(*duplicate):
            return False
        for episode in self._episodes:
            episode.sent_twice(*duplicate)
        self._settle()
        return True

    def acknowledged(self, segments: Iterable[Segment], echoed_before: int) -> None:
        """``echoed_before``: what was echoed was sent before then."""
        for episode in self._episodes:
            episode.acknowledged(segments, echoed_before)
        self._settle()

    def _settle(self) -> None:
        """Before a reduction things stood as before the needless one that it followed."""
        for place in range(len(self._episodes) - 2, -1, -1):
            needless = self._episodes[place]
            if needless.needless:
                following = self._episodes[place + 1]
                following.before = tuple(map(max, needless.before, following.before))
                del self._episodes[place]


def _size(ranges: Iterable[Range]) -> int:
    return sum([end - start for start, end in ranges])
