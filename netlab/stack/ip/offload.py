"""What interfaces do for a stack, done here where the next one does not: cutting and summing up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from netlab.stack.ip.counters import Counted
from netlab.stack.ip.datagram import Frame, IpHeader, Outbound, Segmentation
from netlab.stack.ip.refused import Refused
from netlab.wire import checksum as internet
from netlab.wire import ipv4, ipv6, tcp, tcp_segments
from netlab.wire.errors import ParseError
from netlab.wire.ethernet import HEADER_LENGTH
from netlab.wire.ipv4 import Ipv4


def transport_header(payload: bytes, left: Segmentation) -> int:
    """The bytes in front of what is cut; only TCP is. Raises Refused for what is none."""
    if not left.size:
        return 0
    try:
        return tcp.parse(payload)[1]
    except ParseError:
        raise Refused(Counted.IN_HEADER_ERRORS) from None


def cut_up(ip: IpHeader, payload: bytes, left: Segmentation) -> Iterator[Outbound]:
    """The datagrams that ``left`` asks for, with all their checksums."""
    if not left.size:
        yield Outbound(ip.emit_header(len(payload)), _summed(payload, left))
        return
    header, start = tcp.parse(payload)
    pieces = tcp_segments.cut(header, payload[start:], left.size, ip.source, ip.destination)
    for number, (head, part) in enumerate(pieces):
        here = ip
        if isinstance(ip, Ipv4):
            here = replace(ip, identification=ip.identification + number & 0xFFFF)
        yield Outbound(here.emit_header(len(head) + len(part)) + head, part)


def cut_frame(frame: Frame) -> Iterator[bytes]:
    """The frames that an interface would make of one: that one, unless it was to be cut."""
    whole = b"".join((frame.head, frame.payload))
    if frame.segmentation is None:
        yield whole
        return
    view = memoryview(whole)[HEADER_LENGTH:]
    ip, start = ipv4.parse(view) if view[0] >> 4 == 4 else ipv6.parse(view)
    for piece in cut_up(ip, bytes(view[start:]), frame.segmentation):
        yield b"".join((whole[:HEADER_LENGTH], piece.head, piece.payload))


def _summed(payload: bytes, left: Segmentation) -> bytes:
    """The transport's checksum over all of it, and the pseudo header's sum that is there."""
    at = left.checksum_offset
    if at + 2 > len(payload):
        raise Refused(Counted.IN_HEADER_ERRORS)
    value = internet.finish(internet.raw_sum(payload)) or 0xFFFF
    return b"".join((payload[:at], value.to_bytes(2, "big"), payload[at + 2 :]))
