"""One side of a TCP connection as the segments that it has sent so far tell it."""

from __future__ import annotations

from dataclasses import dataclass, field

from netlab.analyse.segments import Segment
from netlab.analyse.sequence import Ranges
from netlab.wire.tcp import Flags
from netlab.wire.tcp_options import WindowScale


@dataclass(slots=True)
class Side:
    """``next`` is SND.NXT; ``acknowledged`` and ``window`` are its last segment's.

    ``unanswered`` is the last segment of its peer since it sent something itself, ``probe`` that
    segment's note if it asks for an ACK. ``gone`` is why it answered with RST before.
    """

    next: int = 0
    sent: Ranges = field(default_factory=Ranges)
    has_sent: bool = False
    has_sent_fin: bool = False
    is_captured: bool = False
    acknowledged: int | None = None
    unanswered: Segment | None = None
    probe: str | None = None
    gone: str | None = None
    _initial: int | None = None
    _window: int = 0
    _window_is_of_syn: bool = False
    _shift: int = 0
    _scales: bool = False

    def send(self, segment: Segment) -> None:
        if segment.has(Flags.RST):
            return
        if segment.has(Flags.SYN):
            self._open(segment)
        self.has_sent = True
        self.has_sent_fin |= segment.has(Flags.FIN)
        self.is_captured |= segment.transit.sent is not None
        self.next = max(self.next, segment.end)
        self.sent.add(segment.sequence, segment.end)
        self.unanswered = self.probe = None
        if segment.acknowledgment is not None:
            self.acknowledged = segment.acknowledgment
            self._window = segment.header.window
            self._window_is_of_syn = segment.has(Flags.SYN)

    def begins_anew(self, segment: Segment) -> bool:
        """Whether a SYN is another incarnation's."""
        return segment.has(Flags.SYN) and segment.header.sequence != self._initial

    def _open(self, segment: Segment) -> None:
        option = segment.header.option(WindowScale)
        self._scales = option is not None
        # RFC 7323 section 2.3: a shift above 14 counts as 14.
        self._shift = min(option.shift, 14) if option else 0
        if self.begins_anew(segment):
            self._initial = segment.header.sequence
            self.sent = Ranges()

    def hear(self, segment: Segment, probe: str | None) -> None:
        """The peer has sent ``segment``, which is a ``probe``."""
        if not segment.has(Flags.RST) and segment.transit.lost_after is None:
            self.unanswered, self.probe = segment, probe

    def repeats_window(self, segment: Segment, peer: Side) -> bool:
        """A SYN's window is never scaled; the same in units, up or down, is no other window."""
        shift = self._agreed_shift(peer)
        if not self._window_is_of_syn or segment.has(Flags.SYN):
            return segment.header.window == self._window
        return abs((segment.header.window << shift) - self._window) < 1 << shift

    def offered(self, peer: Side) -> int:
        """The window in bytes."""
        shift = 0 if self._window_is_of_syn else self._agreed_shift(peer)
        return self._window << shift

    def _agreed_shift(self, peer: Side) -> int:
        """Both SYNs have to say so (RFC 7323 section 2.2)."""
        return self._shift if self._scales and peer._scales else 0
