"""Where nftables reads each field of a packet expression, and how it knows that it is there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from netlab.wire.address import IPV4_LENGTH, IPV6_LENGTH
from netlab.wire.fields import Value
from netlab.wire.nftables_compare import (
    Compare,
    address,
    constant,
    flag,
    number,
    number_address,
    offset,
)
from netlab.wire.nftables_match import ALWAYS, NEVER, Match, Matches, all_of, any_of, asking
from netlab.wire.tcp import Flags

#: Fails for a later fragment. The kernel looks at fragments only where a read is of an odd size:
#: its short cut for 1, 2 and 4 bytes takes a fragment's data for a header.
_HAS_TRANSPORT_HEADER = "@th,0,24 >= 0"


@dataclass(frozen=True, slots=True)
class _Header:
    present: Matches
    absent: Matches


_NOT_IP = Match(not_network=frozenset({"ip", "ip6"}))


def _network(name: str) -> _Header:
    return _Header((Match(name),), (Match(not_network=frozenset({name})),))


def _transport(name: str, *networks: str) -> _Header:
    absent = [_NOT_IP, Match(not_transport=frozenset({name}))]
    for network in ("ip", "ip6"):
        if network in networks:
            absent.append(asking(_LATER_FRAGMENT[network], network=network, transport=name))
        else:
            absent.append(Match(network, name))
    present = tuple(asking(_HAS_TRANSPORT_HEADER, network=n, transport=name) for n in networks)
    if len(networks) == 2:
        present = (asking(_HAS_TRANSPORT_HEADER, transport=name),)
    return _Header(present, tuple(absent))


_LATER_FRAGMENT = {"ip": "ip frag-off & 0x1fff != 0", "ip6": "frag frag-off != 0"}

_IPV4, _IPV6, _ARP = _network("ip"), _network("ip6"), _network("arp")
_IP = _Header((*_IPV4.present, *_IPV6.present), (_NOT_IP,))
_TCP, _UDP = _transport("tcp", "ip", "ip6"), _transport("udp", "ip", "ip6")
_ICMP, _ICMPV6 = _transport("icmp", "ip"), _transport("ipv6-icmp", "ip6")
_EVERY = _Header(ALWAYS, NEVER)


def _narrowed(header: _Header, having: Iterable[str], lacking: Iterable[str]) -> _Header:
    """The header with more to it: all of ``having``; it lacks that with any of ``lacking``."""
    present = all_of(header.present, (asking(*having),))
    without = all_of(header.present, tuple(asking(each) for each in lacking))
    return _Header(present, any_of(header.absent, without))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a field's value stands: in a header, and how it compares there, that given."""

    header: _Header
    compare: Compare

    def has(self, sign: str, value: Value) -> Matches:
        return all_of(self.header.present, self.compare(sign, value))


@dataclass(frozen=True, slots=True)
class Reading:
    """All places of a field, of which a packet has one at most."""

    places: tuple[_Place, ...]

    def present(self) -> Matches:
        return any_of(*(place.header.present for place in self.places))

    def absent(self) -> Matches:
        return all_of(*(place.header.absent for place in self.places))

    def compared(self, sign: str, value: Value) -> Matches:
        return any_of(*(place.has(sign, value) for place in self.places))


def _one(header: _Header, compare: Compare) -> Reading:
    return Reading((_Place(header, compare),))


def _of_ip(version_4: Compare, version_6: Compare) -> Reading:
    return Reading((_Place(_IPV4, version_4), _Place(_IPV6, version_6)))


_FRAGMENT_OFF = "exthdr frag missing"
_MORE_V6 = flag(["frag more-fragments 1"], [_FRAGMENT_OFF, "frag more-fragments 0"])
_V4_FLAG = {
    name: flag([f"ip frag-off & {bit} != 0"], [f"ip frag-off & {bit} == 0"])
    for name, bit in {"df": "0x4000", "mf": "0x2000"}.items()
}
_FRAGMENTS = (
    _IPV4,
    _narrowed(
        _IPV6, ("frag more-fragments 1",), (_FRAGMENT_OFF, "frag more-fragments 0")
    ),  # IPv6 identifies fragments only
    _narrowed(
        _IPV6,
        ("frag more-fragments 0", "frag frag-off != 0"),
        (_FRAGMENT_OFF, "frag more-fragments 1", "frag frag-off == 0"),
    ),
)
_TOO_LONG = _narrowed(
    _ICMP, ("icmp type 3", "icmp code 4"), ("icmp type & 0xff != 3", "icmp code & 0xff != 4")
)
_ECHO = _narrowed(
    _ICMP, ("icmp type { 0, 8, 13, 14 }",), ("icmp type != { 0, 8, 13, 14 }",)
)  # and timestamps
_REDIRECT = _narrowed(_ICMP, ("icmp type 5",), ("icmp type & 0xff != 5",))
_PROBLEM = _narrowed(_ICMP, ("icmp type 12",), ("icmp type & 0xff != 12",))
_TOO_BIG = _narrowed(_ICMPV6, ("icmpv6 type 2",), ("icmpv6 type & 0xff != 2",))
_ECHO6 = _narrowed(_ICMPV6, ("icmpv6 type { 128, 129 }",), ("icmpv6 type != { 128, 129 }",))
_PROBLEM6 = _narrowed(_ICMPV6, ("icmpv6 type 4",), ("icmpv6 type & 0xff != 4",))


def _tcp_option(option: str, part: str, bits: int) -> Reading:
    header = _narrowed(_TCP, (f"tcp option {option} exists",), (f"tcp option {option} missing",))
    return _one(header, number(f"tcp option {option} {part}", bits))


def _tcp_option_flag(option: str) -> Reading:
    header = _narrowed(_TCP, (f"tcp option {option} exists",), (f"tcp option {option} missing",))
    return _one(header, constant(1))


READINGS: dict[str, Reading] = {
    "eth": _one(_EVERY, constant(1)),
    "arp": _one(_ARP, constant(1)),
    "arp.opcode": _one(_ARP, number("arp operation", 16)),
    "arp.src": _one(_ARP, address("arp saddr ip", IPV4_LENGTH)),
    "arp.dst": _one(_ARP, address("arp daddr ip", IPV4_LENGTH)),
    "ip": _of_ip(constant(1), constant(1)),
    "ipv4": _one(_IPV4, constant(1)),
    "ipv6": _one(_IPV6, constant(1)),
    "ip.version": _of_ip(constant(4), constant(6)),
    "ip.src": _of_ip(address("ip saddr", IPV4_LENGTH), address("ip6 saddr", IPV6_LENGTH)),
    "ip.dst": _of_ip(address("ip daddr", IPV4_LENGTH), address("ip6 daddr", IPV6_LENGTH)),
    "ip.len": _of_ip(number("ip length", 16), number("ip6 length", 16, added=40)),
    "ip.proto": _of_ip(number("meta l4proto", 8), number("meta l4proto", 8)),
    "ip.ttl": _of_ip(number("ip ttl", 8), number("ip6 hoplimit", 8)),
    "ip.dscp": _of_ip(number("ip dscp", 6), number("ip6 dscp", 6)),
    "ip.ecn": _of_ip(number("ip ecn", 2), number("ip6 ecn", 2)),
    "ip.id": Reading(
        tuple(
            _Place(header, number(read, bits))
            for header, read, bits in zip(
                _FRAGMENTS, ("ip id", "frag id", "frag id"), (16, 32, 32), strict=True
            )
        )
    ),
    "ip.df": _one(_IPV4, _V4_FLAG["df"]),
    "ip.mf": _of_ip(_V4_FLAG["mf"], _MORE_V6),
    "ip.frag_offset": _of_ip(
        offset("ip frag-off & 0x1fff"), offset("frag frag-off", otherwise=_FRAGMENT_OFF)
    ),
    "ipv6.flow": _one(_IPV6, number("ip6 flowlabel", 20)),
    "icmp": _one(_ICMP, constant(1)),
    "icmp.type": _one(_ICMP, number("icmp type", 8)),
    "icmp.code": _one(_ICMP, number("icmp code", 8)),
    "icmp.mtu": _one(_TOO_LONG, number("icmp mtu", 16)),
    "icmp.ident": _one(_ECHO, number("@th,32,16", 16)),
    "icmp.seq": _one(_ECHO, number("@th,48,16", 16)),
    "icmp.gateway": _one(_REDIRECT, number_address("@th,32,32")),
    "icmp.pointer": _one(_PROBLEM, number("@th,32,8", 8)),
    "icmpv6": _one(_ICMPV6, constant(1)),
    "icmpv6.type": _one(_ICMPV6, number("icmpv6 type", 8)),
    "icmpv6.code": _one(_ICMPV6, number("icmpv6 code", 8)),
    "icmpv6.mtu": _one(_TOO_BIG, number("@th,32,32", 32)),
    "icmpv6.ident": _one(_ECHO6, number("@th,32,16", 16)),
    "icmpv6.seq": _one(_ECHO6, number("@th,48,16", 16)),
    "icmpv6.pointer": _one(_PROBLEM6, number("@th,32,32", 32)),
    "udp": _one(_UDP, constant(1)),
    "udp.srcport": _one(_UDP, number("udp sport", 16)),
    "udp.dstport": _one(_UDP, number("udp dport", 16)),
    "udp.length": _one(_UDP, number("udp length", 16)),
    "tcp": _one(_TCP, constant(1)),
    "tcp.srcport": _one(_TCP, number("tcp sport", 16)),
    "tcp.dstport": _one(_TCP, number("tcp dport", 16)),
    "tcp.seq_raw": _one(_TCP, number("tcp sequence", 32)),
    "tcp.ack_raw": _one(_TCP, number("tcp ackseq", 32)),
    "tcp.window": _one(_TCP, number("tcp window", 16)),
    "tcp.urgent_pointer": _one(_TCP, number("tcp urgptr", 16)),
    "tcp.flags": _one(_TCP, number("tcp flags", 8)),
    **{
        f"tcp.flags.{each.name.lower()}": _one(
            _TCP, flag([f"tcp flags & {each:#x} != 0"], [f"tcp flags & {each:#x} == 0"])
        )
        for each in Flags
        if each.name
    },
    "tcp.options.mss": _tcp_option("maxseg", "size", 16),
    "tcp.options.wscale": _tcp_option("window", "count", 8),
    "tcp.options.sack_perm": _tcp_option_flag("sack-perm"),
    "tcp.options.timestamp": _tcp_option("timestamp", "tsval", 32),
    "tcp.options.timestamp.echo": _tcp_option("timestamp", "tsecr", 32),
}
