"""What a connection's ladder writes on its arrows, in the words of the book's figures."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence

from netlab.analyse.headers import SocketPair, fragment_range, is_fragment, socket_pair
from netlab.analyse.model import Arrow, Transit
from netlab.analyse.segment_notes import COPY, notes
from netlab.analyse.segments import Segment
from netlab.wire.packet import Packet
from netlab.wire.tcp import Flags
from netlab.wire.tcp_options import MaximumSegmentSize


def arrows(
    transits: Iterable[Transit],
    segments: Sequence[Segment],
    client: SocketPair,
    *,
    rejecting: Container[bool] = (),
) -> Iterator[Arrow]:
    """An arrow for every packet of a connection, in the order of ``transits``.

    ``rejecting``: see ``segment_notes``.
    """
    remarks = dict(zip(map(_number, segments), notes(segments, rejecting=rejecting), strict=True))
    by_number = {_number(segment): segment for segment in segments}
    for transit in transits:
        number = transit.first.number
        segment = by_number.get(number)
        packet = transit.first.packet
        met = tuple(_met(transit))
        told = (note for note in remarks.get(number, ()) if not (note == COPY and met))
        yield Arrow(
            transit=transit,
            forward=_is_forward(packet, client),
            label=segment_label(segment) if segment else datagram_label(packet),
            sequence=segment.sequence if segment else None,
            acknowledgment=segment.acknowledgment if segment else None,
            notes=(*_origin(transit), *told, *_cutting(transit), *met, *_damage(transit)),
        )


def segment_label(segment: Segment) -> str:
    """Such as ``SYN, ACK 1, MSS 1460`` or ``data 1:101 (100), ACK 1``."""
    parts = []
    if segment.has(Flags.SYN):
        parts.append("SYN")
    if segment.length:
        data = segment.sequence + segment.has(Flags.SYN)
        parts.append(f"data {data}:{data + segment.length} ({segment.length})")
    if segment.fin is not None:
        parts.append("FIN" if segment.length else f"FIN {segment.fin}")
    if segment.has(Flags.RST):
        parts.append("RST")
    if segment.has(Flags.URG):
        parts.append("URG")
    if segment.acknowledgment is not None:
        parts.append(f"ACK {segment.acknowledgment}")
    size = segment.header.option(MaximumSegmentSize)
    if size:
        parts.append(f"MSS {size.size}")
    return ", ".join(parts) or "no flags"


def datagram_label(packet: Packet) -> str:
    """Such as ``datagram (2000)`` or, for a fragment, ``fragment 0:1480 more``."""
    if is_fragment(packet):
        start, end = fragment_range(packet)
        assert packet.ip is not None
        return f"fragment {start}:{end}{' more' if packet.ip.more_fragments else ''}"
    return f"datagram ({len(packet.payload)})"


def _is_forward(packet: Packet, client: SocketPair) -> bool:
    """A fragment that is not the first has no ports: its addresses have to do."""
    pair = socket_pair(packet)
    if pair is not None:
        return pair == client
    return packet.ip is not None and packet.ip.source == client.source


def _origin(transit: Transit) -> Iterator[str]:
    if transit.injected_by is not None:
        yield f"injected by {transit.injected_by}"


def _cutting(transit: Transit) -> Iterator[str]:
    """A fragment that no source sent was made on the way."""
    if transit.sent is None and transit.first.outbound and is_fragment(transit.first.packet):
        yield f"cut by {transit.first.node}"


def _met(transit: Transit) -> Iterator[str]:
    """What impaired links did to it; a loss is told where the arrow ends."""
    for met in transit.met:
        if met.action in _DONE and not (transit.lost_after and met.action == "corrupt"):
            yield f"{_DONE[met.action]} on {met.stretch}"


def _damage(transit: Transit) -> Iterator[str]:
    """Where it first had a wrong checksum, unless an impaired link told that it did it."""
    if any(met.action == "corrupt" for met in transit.met):
        return
    damaged = next((hop for hop in transit.hops if hop.packet.damaged), None)
    if damaged is transit.first:
        yield "wrong checksum"
    elif damaged is not None:
        yield f"corrupted before {damaged.node}:{damaged.interface}"


_DONE = {
    "hold": "held",
    "duplicate": "duplicated",
    "copy": "a copy, made",
    "corrupt": "corrupted",
}


def _number(segment: Segment) -> int:
    return segment.transit.first.number
