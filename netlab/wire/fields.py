"""The fields of a packet that a filter expression can name; docs/filter.md lists them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias, TypeVar

from netlab.wire import ipv4_options
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import Ipv6
from netlab.wire.packet import Packet
from netlab.wire.tcp import Flags, Tcp
from netlab.wire.tcp_options import (
    MaximumSegmentSize,
    OptionT,
    Sack,
    SackPermitted,
    Timestamps,
    WindowScale,
)


@dataclass(frozen=True, slots=True)
class Subject:
    """A packet and what is known about it beyond its bytes.

    ``sequence`` and ``acknowledgment`` are relative to the initial sequence numbers of the
    connection, None where these are not known; a node is empty where there is none.
    """

    packet: Packet
    source_node: str = ""
    destination_node: str = ""
    sequence: int | None = None
    acknowledgment: int | None = None


class Kind(Enum):
    """What a field holds, and so what it compares with."""

    NUMBER = "number"
    FLAG = "flag"
    ADDRESS = "address"
    TEXT = "text"
    DATA = "byte string"
    PROTOCOL = "protocol"


Value: TypeAlias = int | bytes | str
#: All values a field has in a packet: none where it lacks the field, several for ``tcp.port``.
Getter: TypeAlias = Callable[[Subject], tuple[Value, ...]]


@dataclass(frozen=True, slots=True)
class Field:
    kind: Kind
    description: str
    get: Getter


_Header = TypeVar("_Header")
_Reader: TypeAlias = Callable[[_Header], Value | tuple[Value, ...] | None]


def _in(header: Callable[[Packet], _Header | None]) -> Callable[[_Reader[_Header]], Getter]:
    """How to make getters of the fields of one header."""

    def getter(read: _Reader[_Header]) -> Getter:
        def get(subject: Subject) -> tuple[Value, ...]:
            found = header(subject.packet)
            return () if found is None else _values(read(found))

        return get

    return getter


def _values(value: Value | tuple[Value, ...] | None) -> tuple[Value, ...]:
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


def _relative(number: int | None, raw: Callable[[Tcp], int], subject: Subject) -> tuple[int, ...]:
    if subject.packet.tcp is None:
        return ()
    return (raw(subject.packet.tcp) if number is None else number,)


def _option(kind: type[OptionT]) -> Callable[[_Reader[OptionT]], Getter]:
    """Likewise of one TCP option."""

    def option(packet: Packet) -> OptionT | None:
        return None if packet.tcp is None else packet.tcp.option(kind)

    return _in(option)


def _any_ip(packet: Packet) -> Ipv4 | Ipv6 | None:
    return packet.ip


def _ipv4(packet: Packet) -> Ipv4 | None:
    return packet.ip if isinstance(packet.ip, Ipv4) else None


def _ipv6(packet: Packet) -> Ipv6 | None:
    return packet.ip if isinstance(packet.ip, Ipv6) else None


def _tcp_length(packet: Packet) -> int | None:
    if packet.tcp is None or packet.ip is None:
        return None
    return packet.ip.total_length - packet.ip.header_length - packet.tcp.header_length


def _present(header: Callable[[Packet], object]) -> Getter:
    return lambda subject: () if header(subject.packet) is None else (True,)


_frame = _in(lambda p: p)
_eth = _in(lambda p: p.ethernet)
_arp = _in(lambda p: p.arp)
_ip: Callable[[_Reader[Ipv4 | Ipv6]], Getter] = _in(_any_ip)
_v4 = _in(_ipv4)
_v6 = _in(_ipv6)
_icmp = _in(lambda p: p.icmp)
_icmpv6 = _in(lambda p: p.icmpv6)
_udp = _in(lambda p: p.udp)
_tcp = _in(lambda p: p.tcp)
_mss = _option(MaximumSegmentSize)
_wscale = _option(WindowScale)
_timestamps = _option(Timestamps)
_sack_perm = _option(SackPermitted)
_sack = _option(Sack)


def _flag(flag: Flags) -> Getter:
    return _tcp(lambda h: bool(h.flags & flag))


_NUMBER, _FLAG, _ADDRESS = Kind.NUMBER, Kind.FLAG, Kind.ADDRESS
_TEXT, _DATA, _PROTOCOL = Kind.TEXT, Kind.DATA, Kind.PROTOCOL


def _protocol(name: str, header: Callable[[Packet], object]) -> Field:
    return Field(_PROTOCOL, f"carries {name}", _present(header))


FIELDS: dict[str, Field] = {
    "frame.len": Field(_NUMBER, "bytes on the wire", _frame(lambda p: p.length)),
    "frame.problem": Field(
        _FLAG,
        "something is wrong: a checksum, a length, an option",
        _frame(lambda p: bool(p.problems)),
    ),
    "src.node": Field(
        _TEXT,
        "node that sent the packet, in whoever's name",
        lambda s: _values(s.source_node or None),
    ),
    "dst.node": Field(
        _TEXT, "node that the packet is for", lambda s: _values(s.destination_node or None)
    ),
    "data": Field(_DATA, "bytes behind the last header", _frame(lambda p: p.payload or None)),
    "eth": _protocol("Ethernet", lambda p: p.ethernet),
    "eth.src": Field(_ADDRESS, "source", _eth(lambda h: h.source)),
    "eth.dst": Field(_ADDRESS, "destination", _eth(lambda h: h.destination)),
    "eth.addr": Field(_ADDRESS, "either of both", _eth(lambda h: (h.source, h.destination))),
    "eth.type": Field(_NUMBER, "EtherType", _eth(lambda h: h.ethertype)),
    "arp": _protocol("ARP", lambda p: p.arp),
    "arp.opcode": Field(_NUMBER, "1 request, 2 reply", _arp(lambda h: h.operation)),
    "arp.src": Field(
        _ADDRESS, "IPv4 address of the sender", _arp(lambda h: h.sender_protocol_address)
    ),
    "arp.dst": Field(_ADDRESS, "IPv4 address asked for", _arp(lambda h: h.target_protocol_address)),
    "ip": _protocol("IPv4 or IPv6", lambda p: p.ip),
    "ipv4": _protocol("IPv4", _ipv4),
    "ipv6": _protocol("IPv6", _ipv6),
    "ip.version": Field(_NUMBER, "4 or 6", _ip(lambda h: h.version)),
    "ip.src": Field(_ADDRESS, "source", _ip(lambda h: h.source)),
    "ip.dst": Field(_ADDRESS, "destination", _ip(lambda h: h.destination)),
    "ip.addr": Field(_ADDRESS, "either of both", _ip(lambda h: (h.source, h.destination))),
    "ip.len": Field(
        _NUMBER, "bytes of the datagram, headers included", _ip(lambda h: h.total_length)
    ),
    "ip.hdr_len": Field(
        _NUMBER, "bytes before the upper layer, options included", _ip(lambda h: h.header_length)
    ),
    "ip.proto": Field(_NUMBER, "upper-layer protocol", _ip(lambda h: h.protocol)),
    "ip.ttl": Field(
        _NUMBER,
        "time to live; hop limit of IPv6",
        _ip(lambda h: h.ttl if isinstance(h, Ipv4) else h.hop_limit),
    ),
    "ip.dscp": Field(_NUMBER, "differentiated services code point", _ip(lambda h: h.dscp)),
    "ip.ecn": Field(_NUMBER, "congestion bits; 3 is congestion experienced", _ip(lambda h: h.ecn)),
    "ip.id": Field(
        _NUMBER,
        "identification; in IPv6 only of fragments",
        _ip(lambda h: h.identification if isinstance(h, Ipv4) or h.is_fragment else None),
    ),
    "ip.df": Field(_FLAG, "don't fragment (IPv4)", _v4(lambda h: h.dont_fragment)),
    "ip.mf": Field(_FLAG, "more fragments follow", _ip(lambda h: h.more_fragments)),
    "ip.frag_offset": Field(_NUMBER, "fragment offset in bytes", _ip(lambda h: h.fragment_offset)),
    "ip.checksum": Field(_NUMBER, "header checksum (IPv4)", _v4(lambda h: h.checksum)),
    "ip.options.type": Field(
        _NUMBER,
        "type of any option (IPv4)",
        _v4(lambda h: tuple(o.type for o in ipv4_options.parse(h.options))),
    ),
    "ipv6.flow": Field(_NUMBER, "flow label", _v6(lambda h: h.flow_label)),
    "ipv6.plen": Field(
        _NUMBER,
        "payload length, the 40 bytes of the header not included",
        _v6(lambda h: h.payload_length),
    ),
    "ipv6.ext.type": Field(
        _NUMBER, "type of any extension header", _v6(lambda h: tuple(e.type for e in h.extensions))
    ),
    "icmp": _protocol("ICMP", lambda p: p.icmp),
    "icmp.type": Field(_NUMBER, "type", _icmp(lambda h: h.type)),
    "icmp.code": Field(_NUMBER, "code", _icmp(lambda h: h.code)),
    "icmp.mtu": Field(_NUMBER, "next-hop MTU of *fragmentation needed*", _icmp(lambda h: h.mtu)),
    "icmp.ident": Field(_NUMBER, "identifier of an echo", _icmp(lambda h: h.identifier)),
    "icmp.seq": Field(_NUMBER, "sequence number of an echo", _icmp(lambda h: h.sequence)),
    "icmp.pointer": Field(_NUMBER, "byte with the parameter problem", _icmp(lambda h: h.pointer)),
    "icmp.gateway": Field(_ADDRESS, "gateway of a redirect", _icmp(lambda h: h.gateway)),
    "icmpv6": _protocol("ICMPv6", lambda p: p.icmpv6),
    "icmpv6.type": Field(_NUMBER, "type", _icmpv6(lambda h: h.type)),
    "icmpv6.code": Field(_NUMBER, "code", _icmpv6(lambda h: h.code)),
    "icmpv6.mtu": Field(_NUMBER, "MTU of *packet too big*", _icmpv6(lambda h: h.mtu)),
    "icmpv6.ident": Field(_NUMBER, "identifier of an echo", _icmpv6(lambda h: h.identifier)),
    "icmpv6.seq": Field(_NUMBER, "sequence number of an echo", _icmpv6(lambda h: h.sequence)),
    "icmpv6.pointer": Field(
        _NUMBER, "byte with the parameter problem", _icmpv6(lambda h: h.pointer)
    ),
    "icmpv6.target": Field(_ADDRESS, "target of neighbour discovery", _icmpv6(lambda h: h.target)),
    "udp": _protocol("UDP", lambda p: p.udp),
    "udp.srcport": Field(_NUMBER, "source port", _udp(lambda h: h.source_port)),
    "udp.dstport": Field(_NUMBER, "destination port", _udp(lambda h: h.destination_port)),
    "udp.port": Field(
        _NUMBER, "either of both", _udp(lambda h: (h.source_port, h.destination_port))
    ),
    "udp.length": Field(_NUMBER, "bytes of header and data", _udp(lambda h: h.length)),
    "udp.checksum": Field(_NUMBER, "checksum; 0 is none", _udp(lambda h: h.checksum)),
    "tcp": _protocol("TCP", lambda p: p.tcp),
    "tcp.srcport": Field(_NUMBER, "source port", _tcp(lambda h: h.source_port)),
    "tcp.dstport": Field(_NUMBER, "destination port", _tcp(lambda h: h.destination_port)),
    "tcp.port": Field(
        _NUMBER, "either of both", _tcp(lambda h: (h.source_port, h.destination_port))
    ),
    "tcp.len": Field(_NUMBER, "bytes of data", _frame(_tcp_length)),
    "tcp.seq": Field(
        _NUMBER,
        "sequence number, relative to the initial one where that is known",
        lambda s: _relative(s.sequence, lambda h: h.sequence, s),
    ),
    "tcp.ack": Field(
        _NUMBER,
        "acknowledgment number, relative likewise",
        lambda s: _relative(s.acknowledgment, lambda h: h.acknowledgment, s),
    ),
    "tcp.seq_raw": Field(_NUMBER, "sequence number on the wire", _tcp(lambda h: h.sequence)),
    "tcp.ack_raw": Field(
        _NUMBER, "acknowledgment number on the wire", _tcp(lambda h: h.acknowledgment)
    ),
    "tcp.window": Field(_NUMBER, "window on the wire, not scaled", _tcp(lambda h: h.window)),
    "tcp.urgent_pointer": Field(_NUMBER, "urgent pointer", _tcp(lambda h: h.urgent_pointer)),
    "tcp.flags": Field(_NUMBER, "all flags, FIN is 1", _tcp(lambda h: h.flags)),
    **{
        f"tcp.flags.{flag.name.lower()}": Field(_FLAG, f"{flag.name}", _flag(flag))
        for flag in Flags
        if flag.name
    },
    "tcp.hdr_len": Field(
        _NUMBER, "bytes of the header, options included", _tcp(lambda h: h.header_length)
    ),
    "tcp.options.kind": Field(
        _NUMBER,
        "kind of any option; 0 ends the list, 1 is no operation",
        _tcp(lambda h: h.option_kinds),
    ),
    "tcp.options.mss": Field(_NUMBER, "maximum segment size", _mss(lambda o: o.size)),
    "tcp.options.wscale": Field(_NUMBER, "window scale shift", _wscale(lambda o: o.shift)),
    "tcp.options.sack_perm": Field(_FLAG, "SACK permitted", _sack_perm(lambda _: True)),
    "tcp.options.sack": Field(_FLAG, "has SACK blocks", _sack(lambda _: True)),
    "tcp.options.timestamp": Field(_NUMBER, "timestamp value", _timestamps(lambda o: o.value)),
    "tcp.options.timestamp.echo": Field(
        _NUMBER, "timestamp echo reply", _timestamps(lambda o: o.echo_reply)
    ),
}

_QUOTES = ("icmp.quoted.", "icmpv6.quoted.")


def find(name: str) -> Field | None:
    """The field ``name``; ``icmp.quoted.`` in front looks into the packet an error quotes."""
    prefix = next((p for p in _QUOTES if name.startswith(p)), "")
    field = FIELDS.get(name.removeprefix(prefix))
    if field is None or not prefix:
        return field
    inner = field.get
    header = FIELDS[prefix.partition(".")[0]].get

    def get(subject: Subject) -> tuple[Value, ...]:
        quoted = subject.packet.quoted
        return inner(Subject(quoted)) if quoted is not None and header(subject) else ()

    return Field(field.kind, f"{field.description}, in the quoted packet", get)


def markdown() -> str:
    """The table of all fields for docs/filter.md."""
    rows = [f"| `{name}` | {f.kind.value} | {f.description} |" for name, f in FIELDS.items()]
    return "\n".join(["| field | kind | what |", "|---|---|---|", *rows]) + "\n"
