"""What is remarkable about a connection's segments, as their senders meant them."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from netlab.analyse import resets
from netlab.analyse.segments import Segment
from netlab.analyse.side import Side
from netlab.wire.tcp import Flags
from netlab.wire.tcp_options import MaximumSegmentSize

RETRANSMISSION = "retransmission"
COPY = "copied on the way"
KEEPALIVE = "keepalive"
WINDOW_PROBE = "window probe"

_PROBES = frozenset({KEEPALIVE, WINDOW_PROBE})


def notes(
    segments: Sequence[Segment], *, rejecting: Container[bool] = ()
) -> Iterator[tuple[str, ...]]:
    """For each segment, in the order they were sent, its notes.

    ``rejecting`` has the directions, forward or not, whose sender has packet filters: a RST may be
    theirs.
    """
    late = _overtaken(segments)
    sides = {True: Side(), False: Side()}
    for segment in segments:
        side, peer = sides[segment.forward], sides[not segment.forward]
        if segment.is_injected:
            peer.hear(segment, None)
            yield ()
            continue
        if segment.has(Flags.RST):
            side.gone = resets.reason(segment, side, may_be_filtered=segment.forward in rejecting)
            found = [side.gone] if side.gone else []
        else:
            found = [*_data_notes(segment, side, peer), *_acknowledgment_notes(segment, side, peer)]
        if clamped := _clamped(segment):
            found.append(clamped)
        if segment.transit.first.number in late:
            found.append("out of order")
        peer.hear(segment, next((note for note in found if note in _PROBES), None))
        side.send(segment)
        yield tuple(found)


def _data_notes(segment: Segment, side: Side, peer: Side) -> Iterator[str]:
    if not side.has_sent or side.begins_anew(segment):
        return
    occupies = segment.end - segment.sequence
    if _is_probe(segment, side, peer):
        yield KEEPALIVE if peer.offered(side) else WINDOW_PROBE
    elif _is_simultaneous(segment, side):
        yield "simultaneous open"
    elif occupies and side.sent.covers(segment.sequence, segment.end):
        is_copy = side.is_captured and segment.transit.sent is None
        yield COPY if is_copy else RETRANSMISSION
    elif segment.length and _fills_window(segment, side, peer):
        yield "window full"


def _is_simultaneous(segment: Segment, side: Side) -> bool:
    """RFC 9293, 3.5, figure 7: who sent a SYN and gets one answers with the same, and ACK."""
    return segment.has(Flags.SYN) and segment.has(Flags.ACK) and side.acknowledged is None


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


def _fills_window(segment: Segment, side: Side, peer: Side) -> bool:
    if peer.acknowledged is None:
        return False
    return segment.sequence + segment.length == peer.acknowledged + peer.offered(side)


def _is_probe(segment: Segment, side: Side, peer: Side) -> bool:
    """RFC 9293 sections 3.8.4 and 3.8.6.1: it asks for an ACK with a number already used."""
    if segment.sequence != side.next - 1 or segment.has(Flags.SYN) or segment.has(Flags.FIN):
        return False
    return segment.length == 0 or (segment.length == 1 and not peer.offered(side))


def _acknowledgment_notes(segment: Segment, side: Side, peer: Side) -> Iterator[str]:
    if segment.acknowledgment is None:
        return
    if segment.header.window == 0:
        yield "zero window"
    repeats = segment.is_bare and segment.acknowledgment == side.acknowledged
    if not repeats or segment.sequence != side.next:
        return
    is_changed = not side.repeats_window(segment, peer)
    answers = side.probe == KEEPALIVE or (side.probe is not None and not is_changed)
    if answers:
        yield f"ACK of a {side.probe}"
    if is_changed:
        yield "window update"
    elif segment.acknowledgment < peer.next and not answers:
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
