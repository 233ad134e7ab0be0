"""One flow as a node on its way sees it: what each end has sent, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass, field

from netlab.agent.channel import Message
from netlab.stack.tcp.sequence import unwrap
from netlab.wire.address import endpoint
from netlab.wire.fields import Subject
from netlab.wire.packet import Packet
from netlab.wire.tcp import Flags, Tcp
from netlab.wire.tcp_options import Timestamps, WindowScale

#: RFC 7323, 2.3: a shift above 14 counts as 14.
_MOST_SHIFT = 14


def flow_of(packet: Packet) -> tuple[str, str, str] | None:
    """Transport, source and destination, as events write them."""
    header = packet.tcp or packet.udp
    if packet.ip is None or header is None:
        return None
    return (
        "tcp" if packet.tcp else "udp",
        endpoint(packet.ip.source, header.source_port),
        endpoint(packet.ip.destination, header.destination_port),
    )


@dataclass(slots=True)
class Way:
    """What one end has sent to the other; ``datagram`` is the last, ``number`` its place of all.

    Of TCP, ``next`` is the number behind all that has come by in order, or that the other end has
    acknowledged. Numbers are plain; None is not known. ``window`` is in bytes.
    """

    datagram: bytes = b""
    number: int = 0
    initial: int | None = None
    next: int | None = None
    scale: int | None = None
    window: int = 0
    timestamp: int | None = None
    first_timestamp: int | None = None

    def shift(self, back: Way) -> int:
        """Of windows that are sent this way: both SYNs have to say so (RFC 7323, 2.2)."""
        return 0 if self.scale is None or back.scale is None else self.scale

    def take(self, segment: Tcp, length: int) -> None:
        """A segment with so many bytes of data has come this way."""
        sequence = _plain(segment.sequence, self.next)
        if not segment.has(Flags.RST) and (self.next is None or sequence <= self.next):
            end = sequence + length + segment.has(Flags.SYN) + segment.has(Flags.FIN)
            self.next = _later(self.next, end)
        if stamp := segment.option(Timestamps):
            self.timestamp = _later(self.timestamp, _plain(stamp.value, self.timestamp))
            if self.first_timestamp is None:
                self.first_timestamp = self.timestamp

    def acknowledged(self, number: int) -> None:
        """The other end has all before the 32 bits ``number``."""
        self.next = _later(self.next, _plain(number, self.next))

    def relative(self, number: int) -> int | None:
        """The 32 bits ``number`` from the initial number on, where a SYN told that."""
        return None if self.initial is None else _plain(number, self.next) - self.initial


@dataclass(slots=True)
class Flow:
    """``ways`` by where their packets come from.

    ``matched`` counts the packets that match an expression, ``kept`` are those to be sent again.
    """

    transport: str
    ends: tuple[str, str]
    ways: dict[str, Way]
    matched: dict[str, int] = field(default_factory=dict)
    kept: dict[tuple[str, int], bytes] = field(default_factory=dict)

    def other(self, end: str) -> str:
        return self.ends[self.ends[0] == end]

    def take(self, source: str, datagram: bytes, packet: Packet, number: int) -> Subject:
        """A packet has come from an end; the packet with its numbers."""
        segment = packet.tcp
        if segment is not None:
            if segment.has(Flags.SYN):
                self._open(source, segment)
            way, back = self.ways[source], self.ways[self.other(source)]
            way.take(segment, len(packet.payload))
            scale = 0 if segment.has(Flags.SYN) else way.shift(back)
            way.window = segment.window << scale
            if segment.has(Flags.ACK):
                back.acknowledged(segment.acknowledgment)
        way = self.ways[source]
        way.datagram, way.number = datagram, number
        return self._numbered(source, packet)

    def told(self, packet: Packet) -> Message:
        """A packet of this flow as events have it; numbers from the initial ones on, if known."""
        named = flow_of(packet)
        assert named is not None
        transport, source, destination = named
        told: Message = {
            "transport": transport,
            "from": source,
            "to": destination,
            "len": len(packet.payload),
        }
        if packet.tcp is None:
            return told
        subject = self._numbered(source, packet)
        return told | {
            "segment": " ".join(str(flag.name).lower() for flag in Flags if packet.tcp.has(flag)),
            "seq": subject.sequence,
            "seq_raw": packet.tcp.sequence,
            "ack": subject.acknowledgment,
        }

    def _open(self, source: str, segment: Tcp) -> None:
        """A SYN begins an incarnation, unless it is that of the one before, sent again."""
        if self.ways[source].initial == segment.sequence:
            return
        if not segment.has(Flags.ACK):
            self.ways[self.other(source)] = Way()
        scale = segment.option(WindowScale)
        self.ways[source] = Way(
            initial=segment.sequence,
            next=segment.sequence,
            scale=min(scale.shift, _MOST_SHIFT) if scale else None,
        )

    def _numbered(self, source: str, packet: Packet) -> Subject:
        segment = packet.tcp
        if segment is None:
            return Subject(packet)
        back = self.ways[self.other(source)]
        return Subject(
            packet,
            sequence=self.ways[source].relative(segment.sequence),
            acknowledgment=(
                back.relative(segment.acknowledgment) if segment.has(Flags.ACK) else None
            ),
        )


def _plain(number: int, near: int | None) -> int:
    return number if near is None else unwrap(number, near)


def _later(number: int | None, other: int) -> int:
    return other if number is None else max(number, other)
