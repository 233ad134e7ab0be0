"""The initial sequence numbers of the TCP connections that cross a stretch."""

from __future__ import annotations

from netlab.wire.fields import Subject
from netlab.wire.packet import Packet
from netlab.wire.tcp import Flags

#: Directions of connections; the oldest are forgotten first.
_MOST = 8192

_NUMBERS = 1 << 32

_IPV4, _TCP, _SYN = b"\x08\x00", 6, 0x02


def tcp_offset(frame: bytes | memoryview, start: int = 0) -> int:
    """Where a TCP header starts in the frame at ``start``; 0 where there is none to be seen.

    Cheap, for every packet: IPv6 extension headers are not looked behind.
    """
    if len(frame) < start + 54:
        return 0
    if frame[start + 12] == 0x08:
        if frame[start + 23] == _TCP and frame[start + 13] == 0:
            return start + 14 + (frame[start + 14] & 0x0F) * 4
    elif frame[start + 12] == 0x86 and frame[start + 20] == _TCP and frame[start + 13] == 0xDD:
        return start + 54
    return 0


def is_syn(frame: bytes | memoryview, start: int = 0) -> bool:
    """Whether the frame at ``start`` opens a connection, or answers one that does."""
    flags = tcp_offset(frame, start) + 13
    return 13 < flags < len(frame) and bool(frame[flags] & _SYN)


class Sequences:
    def __init__(self) -> None:
        self._initial: dict[bytes, int] = {}

    def watch(self, frame: bytes) -> None:
        """Remember the number of a frame that is a SYN."""
        if not is_syn(frame):
            return
        tcp = tcp_offset(frame)
        source, destination = (26, 30) if frame[12:14] == _IPV4 else (22, 38)
        size = destination - source
        key = b"".join(
            (
                frame[source:destination],
                frame[tcp : tcp + 2],
                frame[destination : destination + size],
                frame[tcp + 2 : tcp + 4],
            )
        )
        initial = int.from_bytes(frame[tcp + 4 : tcp + 8], "big")
        if self._initial.get(key) == initial:
            return
        self._initial.pop(key, None)
        if len(self._initial) >= _MOST:
            del self._initial[next(iter(self._initial))]
        self._initial[key] = initial

    def subject(self, packet: Packet) -> Subject:
        """``packet`` with its relative numbers, where the SYN was seen."""
        header, ip = packet.tcp, packet.ip
        if header is None or ip is None:
            return Subject(packet)
        source = ip.source + header.source_port.to_bytes(2, "big")
        destination = ip.destination + header.destination_port.to_bytes(2, "big")
        own = self._initial.get(source + destination)
        peer = (
            self._initial.get(destination + source)
            if int.__and__(header.flags, Flags.ACK)
            else None
        )
        return Subject(
            packet,
            sequence=_distance(own, header.sequence),
            acknowledgment=_distance(peer, header.acknowledgment),
        )


def _distance(initial: int | None, number: int) -> int | None:
    """Numbers wrap after 4 GiB (RFC 9293, 3.4), and so do these."""
    return None if initial is None else (number - initial) % _NUMBERS
