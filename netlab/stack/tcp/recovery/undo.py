from __future__ import annotations

from collections.abc import Iterable

from netlab.stack.tcp.ranges import Range, Ranges
from netlab.stack.tcp.recovery.scoreboard import Segment

#: After so many separate ranges were sent again, no proof can be kept.
RANGES = 4096


class Undo:
    """Whether all that was sent again since a reduction had been needless.

    The peer tells so by reporting the bytes as duplicates (RFC 2883, RFC 3708), or by echoing
    a timestamp older than the retransmission when it acknowledges them (RFC 3522).
    """

    __slots__ = ("_again", "_by_echo_only", "_proven", "_since", "_unproven", "_watching")

    def __init__(self) -> None:
        self._watching = False
        #: When something was first sent again; None while nothing was.
        self._since: int | None = None
        #: What was sent again, what of that needlessly, and how many bytes perhaps not.
        self._again = Ranges()
        self._proven = Ranges()
        self._unproven = 0
        #: Something was sent a third time: one report does not tell which of both was needless.
        self._by_echo_only = False

    def begin(self) -> None:
        """A reduction: watches what is sent again from now on."""
        self._watching = True
        self._since = None
        self._again, self._proven = Ranges(), Ranges()
        self._unproven = 0
        self._by_echo_only = False

    def forget(self) -> None:
        self._watching = False

    @property
    def needless(self) -> bool:
        return self._watching and self._since is not None and not self._unproven

    def sent_again(self, now: int, start: int, end: int) -> None:
        if not self._watching:
            return
        if len(self._again) >= RANGES:
            self.forget()
            return
        if self._since is None:
            self._since = now
        fresh = _size(self._again.missing(start, end))
        self._by_echo_only |= fresh < end - start
        self._again.add(start, end)
        self._unproven += fresh

    def sent_twice(self, duplicate: Range) -> bool:
        """Takes a report of a duplicate in; returns whether that had been sent again.

        Otherwise the network made it (RFC 3708, 4).
        """
        if self._again.missing(*duplicate):
            return False
        if not self._by_echo_only:
            self._prove(*duplicate)
        return True

    def acknowledged(self, segments: Iterable[Segment], echoed_before: int) -> None:
        """``echoed_before``: what was echoed was sent before then."""
        if not self._watching or self._since is None or echoed_before > self._since:
            return
        for segment in segments:
            if segment.retransmitted and not self._again.missing(segment.start, segment.end):
                self._prove(segment.start, segment.end)

    def _prove(self, start: int, end: int) -> None:
        self._unproven -= _size(self._proven.missing(start, end))
        self._proven.add(start, end)


def _size(ranges: Iterable[Range]) -> int:
    return sum([end - start for start, end in ranges])
