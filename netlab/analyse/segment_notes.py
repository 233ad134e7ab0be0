"""What is remarkable about a connection's segments, as their senders meant them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from netlab.analyse.segments import Segment
from netlab.wire.tcp import Flags
from netlab.wire.tcp_options import MaximumSegmentSize, WindowScale

RETRANSMISSION = "retransmission"
COPY = "copied on the way"


def notes(segments: Sequence[Segment]) -> Iterator[tuple[str, ...]]:
    """For each segment, in the order they were sent, its notes."""
    late = _overtaken(segments)
    sides = {True: _Side(), False: _Side()}
    for segment in segments:
        side, peer = sides[segment.forward], sides[not segment.forward]
        found = [*_data_notes(segment, side, peer), *_acknowledgment_notes(segment, side, peer)]
        if clamped := _clamped(segment):
            found.append(clamped)
        if segment.transit.first.number in late:
            found.append("out of order")
        side.send(segment)
        yield tuple(found)


@dataclass(slots=True)
class _Side:
    """What one side has sent so far: SND.NXT, and what its last segment acknowledged."""

    next: int = 0
    has_sent: bool = False
    is_captured: bool = False
    acknowledged: int | None = None
    window: int = 0
    shift: int = 0
    scales: bool = False

    def send(self, segment: Segment) -> None:
        if segment.has(Flags.SYN):
            option = segment.header.option(WindowScale)
            self.scales = option is not None
            # RFC 7323 section 2.3: a shift above 14 counts as 14.
            self.shift = min(option.shift, 14) if option else 0
        if segment.has(Flags.RST):
            return
        self.has_sent = True
        self.is_captured |= segment.transit.sent is not None
        self.next = max(self.next, segment.end)
        if segment.acknowledgment is not None:
            self.acknowledged = segment.acknowledgment
            self.window = segment.header.window

    def offered(self, peer: _Side) -> int:
        """The window in bytes; scaled when both SYNs said so (RFC 7323 section 2.2)."""
        return self.window << (self.shift if self.scales and peer.scales else 0)


def _data_notes(segment: Segment, side: _Side, peer: _Side) -> Iterator[str]:
    if not side.has_sent or segment.has(Flags.RST):
        return
    occupies = segment.end - segment.sequence
    if _is_probe(segment, side, peer):
        yield "keepalive" if peer.window else "window probe"
    elif occupies and segment.end <= side.next:
        is_copy = side.is_captured and segment.transit.sent is None
        yield COPY if is_copy else RETRANSMISSION
    elif segment.length and _fills_window(segment, side, peer):
        yield "window full"


def _clamped(segment: Segment) -> str | None:
    """A router may lower a SYN's MSS."""
    said = segment.header.option(MaximumSegmentSize)
    received = segment.transit.received
    if said is None or received is None or received.packet.tcp is None:
        return None
    heard = received.packet.tcp.option(MaximumSegmentSize)
    if heard is None or heard == said:
        return None
    return f"MSS {heard.size} on arrival"


def _fills_window(segment: Segment, side: _Side, peer: _Side) -> bool:
    if peer.acknowledged is None:
        return False
    return segment.sequence + segment.length == peer.acknowledged + peer.offered(side)


def _is_probe(segment: Segment, side: _Side, peer: _Side) -> bool:
    """RFC 9293 sections 3.8.4 and 3.8.6.1: it asks for an ACK with a number already used."""
    if segment.sequence != side.next - 1 or segment.has(Flags.SYN) or segment.has(Flags.FIN):
        return False
    return segment.length == 0 or (segment.length == 1 and not peer.window)


def _acknowledgment_notes(segment: Segment, side: _Side, peer: _Side) -> Iterator[str]:
    if segment.has(Flags.RST) or segment.acknowledgment is None:
        return
    if segment.header.window == 0:
        yield "zero window"
    repeats = segment.is_bare and segment.acknowledgment == side.acknowledged
    if not repeats or segment.sequence != side.next:
        return
    if segment.header.window != side.window:
        yield "window update"
    elif segment.acknowledgment < peer.next:
        yield "duplicate ACK"


def _overtaken(segments: Sequence[Segment]) -> set[int]:
    """The first sightings of segments that arrived after one their sender sent later."""
    late: set[int] = set()
    earliest: dict[bool, int] = {}
    captured = {segment.forward for segment in segments if segment.transit.sent}
    for segment in reversed(segments):
        received = segment.transit.received
        if received is None or segment.end == segment.sequence:
            continue
        if segment.transit.sent is None and segment.forward in captured:
            continue  # made on the way: it tells nothing of what its sender did
        if received.t > earliest.get(segment.forward, received.t):
            late.add(segment.transit.first.number)
        earliest[segment.forward] = min(received.t, earliest.get(segment.forward, received.t))
    return late
