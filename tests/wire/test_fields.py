from __future__ import annotations

from pathlib import Path

import pytest

from netlab.wire import arp, fields, icmp, icmpv6
from netlab.wire.arp import Arp
from netlab.wire.ethernet import Ethernet
from netlab.wire.fields import FIELDS, Kind, Subject
from netlab.wire.icmp import Icmp
from netlab.wire.icmpv6 import Icmpv6
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import ExtensionHeader, ExtensionType, Ipv6
from netlab.wire.packet import Packet, decode, decode_ip
from netlab.wire.tcp import Flags, Tcp
from netlab.wire.tcp_options import (
    MaximumSegmentSize,
    NoOperation,
    Sack,
    SackPermitted,
    Timestamps,
    WindowScale,
)
from netlab.wire.udp import Udp

A, B = bytes((10, 0, 0, 1)), bytes((10, 0, 0, 2))
A6, B6 = bytes(15) + b"\x01", bytes(15) + b"\x02"
ROUTER_ALERT = b"\x94\x04\x00\x00"
TCP = Tcp(
    1,
    2,
    flags=Flags.ACK,
    options=(MaximumSegmentSize(536), WindowScale(1), SackPermitted()),
)


def _v4(message: bytes, protocol: int) -> Packet:
    return decode_ip(Ipv4(A, B, protocol, options=ROUTER_ALERT).emit(message))


def _v6(message: Icmpv6) -> Packet:
    extensions = (ExtensionHeader(ExtensionType.DESTINATION_OPTIONS, bytes(6)),)
    return decode_ip(Ipv6(A6, B6, 58, extensions=extensions).emit(message.emit(b"", A6, B6)))


PACKETS = [
    decode(Ethernet(A6[:6], B6[:6], arp.ETHERTYPE).emit(Arp(1, bytes(6), A, bytes(6), B).emit())),
    _v4(TCP.emit(b"data", A, B), 6),
    _v4(Tcp(1, 2, options=(Timestamps(1, 2), Sack(((1, 2),)))).emit(b"", A, B), 6),
    _v4(Udp(1, 2).emit(b"", A, B), 17),
    _v4(icmp.echo(1, 2).emit(), 1),
    _v4(icmp.fragmentation_needed(576).emit(), 1),
    _v4(Icmp(12).emit(), 1),
    _v4(Icmp(5, 1, A).emit(), 1),
    _v6(icmpv6.echo(1, 2)),
    _v6(icmpv6.packet_too_big(1280)),
    _v6(Icmpv6(4)),
    _v6(Icmpv6(135, 0, bytes(4), B6)),
]
TYPES = {
    Kind.NUMBER: int,
    Kind.FLAG: bool,
    Kind.ADDRESS: bytes,
    Kind.TEXT: str,
    Kind.DATA: bytes,
    Kind.PROTOCOL: bool,
}


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_has_a_value_of_its_kind_in_some_packet(name: str) -> None:
    field = FIELDS[name]
    values = [v for packet in PACKETS for v in field.get(Subject(packet, "c1", "r1"))]
    assert values
    assert all(isinstance(value, TYPES[field.kind]) for value in values)
    assert len(field.description) > 2


def test_no_field_has_a_value_where_there_is_nothing() -> None:
    nothing = Subject(Packet(0))
    with_value = {name for name, field in FIELDS.items() if field.get(nothing)}
    assert with_value == {"frame.len", "frame.problem"}


def test_the_documentation_lists_the_fields_as_they_are() -> None:
    documentation = Path(__file__).parents[2] / "docs" / "filter.md"
    assert documentation.read_text(encoding="utf-8").endswith("## Fields\n\n" + fields.markdown())


def _values(name: str, packet: Packet) -> tuple[fields.Value, ...]:
    return FIELDS[name].get(Subject(packet))


def test_a_header_length_counts_options_and_extension_headers() -> None:
    assert _values("ip.hdr_len", _v4(b"", 17)) == (24,)
    assert _values("ip.hdr_len", _v6(icmpv6.echo(1, 2))) == (48,)
    assert _values("ipv6.plen", _v6(icmpv6.echo(1, 2))) == (16,)


def test_options_and_extension_headers_are_told_by_their_types() -> None:
    assert _values("ip.options.type", _v4(b"", 17)) == (148,)
    assert _values("ipv6.ext.type", _v6(icmpv6.echo(1, 2))) == (60,)


def test_the_kinds_of_tcp_options_end_with_the_end_of_the_list_where_there_is_one() -> None:
    assert _values("tcp.options.kind", _v4(TCP.emit(b"", A, B), 6)) == (2, 3, 4, 0)
    aligned = Tcp(1, 2, options=(NoOperation(), NoOperation(), Timestamps(1, 2)))
    assert _values("tcp.options.kind", _v4(aligned.emit(b"", A, B), 6)) == (1, 1, 8)
    assert _values("tcp.options.kind", _v4(Tcp(1, 2).emit(b"", A, B), 6)) == ()
