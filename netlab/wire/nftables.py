"""Packet expressions as nftables matches, for chains of the families ``inet`` and ``netdev``.

An nftables rule is a conjunction, so an expression becomes alternatives: one match text each, of
which a packet may fit several. A rule set that counts sends them to one chain with ``goto``, so
that the first one that fits is the last one asked.

Truth is that of netlab.wire.filter: a negation also holds for packets without the field. Later
fragments have no transport header; nftables agrees where a match reads that header.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from netlab.wire.address import IPV4_LENGTH, IPV6_LENGTH, to_text
from netlab.wire.expression import AllOf, AnyOf, Comparison, Expression, Not, Presence
from netlab.wire.fields import Kind, Value
from netlab.wire.tcp import Flags


class Family(StrEnum):
    """Of the table: ``inet`` sees IP only, ``netdev`` every frame."""

    INET = "inet"
    NETDEV = "netdev"


class Untranslatable(ValueError):
    """nftables cannot ask this; the text says what and why."""


#: More alternatives than this are no rule set that anybody reads.
MAX_ALTERNATIVES = 64

#: Fails for a later fragment. The kernel looks at fragments only where a read is of an odd size:
#: its short cut for 1, 2 and 4 bytes takes a fragment's data for a header.
_HAS_TRANSPORT_HEADER = "@th,0,24 >= 0"


@dataclass(frozen=True, slots=True)
class _Match:
    """A conjunction: what the packet is, what it is not, and further match texts."""

    network: str | None = None  # ip, ip6, arp
    transport: str | None = None  # tcp, udp, icmp, ipv6-icmp
    not_network: frozenset[str] = frozenset()
    not_transport: frozenset[str] = frozenset()
    texts: tuple[str, ...] = ()

    def __and__(self, other: _Match) -> _Match | None:
        """None when no packet can match both."""
        if _differ(self.network, other.network) or _differ(self.transport, other.transport):
            return None
        joined = _Match(
            self.network or other.network,
            self.transport or other.transport,
            self.not_network | other.not_network,
            self.not_transport | other.not_transport,
            tuple(dict.fromkeys(self.texts + other.texts)),
        )
        impossible = (
            joined.network in joined.not_network or joined.transport in joined.not_transport
        )
        return None if impossible else joined

    def exists_in(self, family: Family) -> bool:
        if family is Family.NETDEV:
            return True
        return self.network != "arp" and not {"ip", "ip6"} <= self.not_network

    def text(self) -> str:
        parts = []
        if self.network:
            parts.append(f"meta protocol {self.network}")
        else:
            parts += [f"meta protocol != {each}" for each in sorted(self.not_network)]
        if self.transport:
            parts.append(f"meta l4proto {self.transport}")
        else:
            parts += [f"meta l4proto != {each}" for each in sorted(self.not_transport)]
        return " ".join([*parts, *self.texts])


#: Alternatives, of which none is never and an empty one is always.
_Matches: TypeAlias = tuple[_Match, ...]

_ALWAYS: _Matches = (_Match(),)
_NEVER: _Matches = ()


def _differ(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other


def _all(first: _Matches, *others: _Matches) -> _Matches:
    found = first
    for each in others:
        joined = (one & two for one in found for two in each)
        found = tuple(dict.fromkeys(match for match in joined if match is not None))
        if len(found) > MAX_ALTERNATIVES:
            raise Untranslatable(f"it comes to more than {MAX_ALTERNATIVES} nftables rules")
    return found


def _any(*parts: _Matches) -> _Matches:
    return tuple(dict.fromkeys(match for part in parts for match in part))


def _texts(*texts: str, network: str | None = None, transport: str | None = None) -> _Match:
    return _Match(network, transport, texts=texts)


@dataclass(frozen=True, slots=True)
class _Header:
    present: _Matches
    absent: _Matches


_NOT_IP = _Match(not_network=frozenset({"ip", "ip6"}))


def _network(name: str) -> _Header:
    return _Header((_Match(name),), (_Match(not_network=frozenset({name})),))


def _transport(name: str, *networks: str) -> _Header:
    absent = [_NOT_IP, _Match(not_transport=frozenset({name}))]
    for network in ("ip", "ip6"):
        if network in networks:
            absent.append(_texts(_LATER_FRAGMENT[network], network=network, transport=name))
        else:
            absent.append(_Match(network, name))
    present = tuple(_texts(_HAS_TRANSPORT_HEADER, network=n, transport=name) for n in networks)
    if len(networks) == 2:
        present = (_texts(_HAS_TRANSPORT_HEADER, transport=name),)
    return _Header(present, tuple(absent))


_LATER_FRAGMENT = {"ip": "ip frag-off & 0x1fff != 0", "ip6": "frag frag-off != 0"}

_IPV4, _IPV6, _ARP = _network("ip"), _network("ip6"), _network("arp")
_IP = _Header((*_IPV4.present, *_IPV6.present), (_NOT_IP,))
_TCP, _UDP = _transport("tcp", "ip", "ip6"), _transport("udp", "ip", "ip6")
_ICMP, _ICMPV6 = _transport("icmp", "ip"), _transport("ipv6-icmp", "ip6")
_EVERY = _Header(_ALWAYS, _NEVER)


def _narrowed(header: _Header, having: Iterable[str], lacking: Iterable[str]) -> _Header:
    """The header with more to it: all of ``having``; it lacks that with any of ``lacking``."""
    present = _all(header.present, (_texts(*having),))
    without = _all(header.present, tuple(_texts(each) for each in lacking))
    return _Header(present, _any(header.absent, without))


_Compare: TypeAlias = Callable[[str, Value], _Matches]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a field's value stands: in a header, and how it compares there, that given."""

    header: _Header
    compare: _Compare

    def has(self, sign: str, value: Value) -> _Matches:
        return _all(self.header.present, self.compare(sign, value))


@dataclass(frozen=True, slots=True)
class _Reading:
    """All places of a field, of which a packet has one at most."""

    places: tuple[_Place, ...]

    def present(self) -> _Matches:
        return _any(*(place.header.present for place in self.places))

    def absent(self) -> _Matches:
        return _all(*(place.header.absent for place in self.places))

    def compared(self, sign: str, value: Value) -> _Matches:
        return _any(*(place.has(sign, value) for place in self.places))


_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def _number(read: str, bits: int, *, added: int = 0) -> _Compare:
    """Compares what ``read`` reads plus ``added``."""

    def compare(sign: str, value: Value) -> _Matches:
        assert isinstance(value, int)
        return _against(read, sign, value - added, (1 << bits) - 1)

    return compare


def _against(read: str, sign: str, value: int, most: int) -> _Matches:
    """Where all that the field can hold gives one answer, nft would refuse the question."""
    answers = {_holds(own, sign, value) for own in (0, most, min(max(value, 0), most))}
    if len(answers) == 1:
        return _ALWAYS if answers.pop() else _NEVER
    if sign == "!=" and most in _WHOLE_BYTES and not read.startswith(_NO_PAYLOAD):
        # nft 1.0.6 makes one comparison of two that stand side by side, even of these.
        read = f"{read} & {most:#x}"
    return (_texts(f"{read} {sign} {value}"),)


_WHOLE_BYTES = frozenset({0xFF, 0xFFFF, 0xFFFF_FFFF})
_NO_PAYLOAD = ("meta ", "frag ", "tcp option ")


def _address(read: str, length: int) -> _Compare:
    def compare(sign: str, value: Value) -> _Matches:
        assert isinstance(value, bytes)
        if len(value) != length:
            return _ALWAYS if sign == "!=" else _NEVER
        # The mask is for nft 1.0.6, as with numbers.
        every = f" & {to_text(bytes([255] * length))}" if sign == "!=" else ""
        return (_texts(f"{read}{every} {sign} {to_text(value)}"),)

    return compare


def _number_address(read: str) -> _Compare:
    """An IPv4 address that nft reads as a number."""

    def compare(sign: str, value: Value) -> _Matches:
        assert isinstance(value, bytes)
        if len(value) != IPV4_LENGTH:
            return _ALWAYS if sign == "!=" else _NEVER
        return (_texts(f"{read} {sign} {int.from_bytes(value, 'big')}"),)

    return compare


def _flag(when_set: Iterable[str], when_clear: Iterable[str]) -> _Compare:
    def compare(sign: str, value: Value) -> _Matches:
        chosen = when_set if bool(value) is (sign == "==") else when_clear
        return tuple(_texts(each) for each in chosen)

    return compare


def _offset(read: str, *, otherwise: str | None = None) -> _Compare:
    """A fragment offset: nft reads units of 8 bytes, expressions say bytes.

    ``otherwise`` matches the packets without a fragment header, whose offset is 0.
    """

    def compare(sign: str, value: Value) -> _Matches:
        assert isinstance(value, int)
        whole, rest = divmod(value, 8)
        if rest and sign in {"==", "!="}:
            found = _ALWAYS if sign == "!=" else _NEVER
        else:
            units = whole + 1 if rest and sign in {"<", ">="} else whole
            found = _against(read, sign, units, 0x1FFF)
        if otherwise and _holds(0, sign, value):
            found = _any(found, (_texts(otherwise),))
        return found

    return compare


def _holds(own: int, sign: str, value: int) -> bool:
    return {
        "==": own == value,
        "!=": own != value,
        "<": own < value,
        "<=": own <= value,
        ">": own > value,
        ">=": own >= value,
    }[sign]


def _one(header: _Header, compare: _Compare) -> _Reading:
    return _Reading((_Place(header, compare),))


def _of_ip(version_4: _Compare, version_6: _Compare) -> _Reading:
    return _Reading((_Place(_IPV4, version_4), _Place(_IPV6, version_6)))


def _constant(value: int) -> _Compare:
    def compare(sign: str, other: Value) -> _Matches:
        assert isinstance(other, int)
        return _ALWAYS if _holds(value, sign, other) else _NEVER

    return compare


_FRAGMENT_OFF = "exthdr frag missing"
_MORE_V6 = _flag(["frag more-fragments 1"], [_FRAGMENT_OFF, "frag more-fragments 0"])
_V4_FLAG = {
    name: _flag([f"ip frag-off & {bit} != 0"], [f"ip frag-off & {bit} == 0"])
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


def _tcp_option(option: str, part: str, bits: int) -> _Reading:
    header = _narrowed(_TCP, (f"tcp option {option} exists",), (f"tcp option {option} missing",))
    return _one(header, _number(f"tcp option {option} {part}", bits))


def _tcp_option_flag(option: str) -> _Reading:
    header = _narrowed(_TCP, (f"tcp option {option} exists",), (f"tcp option {option} missing",))
    return _one(header, _constant(1))


_READINGS: dict[str, _Reading] = {
    "eth": _one(_EVERY, _constant(1)),
    "arp": _one(_ARP, _constant(1)),
    "arp.opcode": _one(_ARP, _number("arp operation", 16)),
    "arp.src": _one(_ARP, _address("arp saddr ip", IPV4_LENGTH)),
    "arp.dst": _one(_ARP, _address("arp daddr ip", IPV4_LENGTH)),
    "ip": _of_ip(_constant(1), _constant(1)),
    "ipv4": _one(_IPV4, _constant(1)),
    "ipv6": _one(_IPV6, _constant(1)),
    "ip.version": _of_ip(_constant(4), _constant(6)),
    "ip.src": _of_ip(_address("ip saddr", IPV4_LENGTH), _address("ip6 saddr", IPV6_LENGTH)),
    "ip.dst": _of_ip(_address("ip daddr", IPV4_LENGTH), _address("ip6 daddr", IPV6_LENGTH)),
    "ip.len": _of_ip(_number("ip length", 16), _number("ip6 length", 16, added=40)),
    "ip.proto": _of_ip(_number("meta l4proto", 8), _number("meta l4proto", 8)),
    "ip.ttl": _of_ip(_number("ip ttl", 8), _number("ip6 hoplimit", 8)),
    "ip.dscp": _of_ip(_number("ip dscp", 6), _number("ip6 dscp", 6)),
    "ip.ecn": _of_ip(_number("ip ecn", 2), _number("ip6 ecn", 2)),
    "ip.id": _Reading(
        tuple(
            _Place(header, _number(read, bits))
            for header, read, bits in zip(
                _FRAGMENTS, ("ip id", "frag id", "frag id"), (16, 32, 32), strict=True
            )
        )
    ),
    "ip.df": _one(_IPV4, _V4_FLAG["df"]),
    "ip.mf": _of_ip(_V4_FLAG["mf"], _MORE_V6),
    "ip.frag_offset": _of_ip(
        _offset("ip frag-off & 0x1fff"), _offset("frag frag-off", otherwise=_FRAGMENT_OFF)
    ),
    "ipv6.flow": _one(_IPV6, _number("ip6 flowlabel", 20)),
    "icmp": _one(_ICMP, _constant(1)),
    "icmp.type": _one(_ICMP, _number("icmp type", 8)),
    "icmp.code": _one(_ICMP, _number("icmp code", 8)),
    "icmp.mtu": _one(_TOO_LONG, _number("icmp mtu", 16)),
    "icmp.ident": _one(_ECHO, _number("@th,32,16", 16)),
    "icmp.seq": _one(_ECHO, _number("@th,48,16", 16)),
    "icmp.gateway": _one(_REDIRECT, _number_address("@th,32,32")),
    "icmp.pointer": _one(_PROBLEM, _number("@th,32,8", 8)),
    "icmpv6": _one(_ICMPV6, _constant(1)),
    "icmpv6.type": _one(_ICMPV6, _number("icmpv6 type", 8)),
    "icmpv6.code": _one(_ICMPV6, _number("icmpv6 code", 8)),
    "icmpv6.mtu": _one(_TOO_BIG, _number("@th,32,32", 32)),
    "icmpv6.ident": _one(_ECHO6, _number("@th,32,16", 16)),
    "icmpv6.seq": _one(_ECHO6, _number("@th,48,16", 16)),
    "icmpv6.pointer": _one(_PROBLEM6, _number("@th,32,32", 32)),
    "udp": _one(_UDP, _constant(1)),
    "udp.srcport": _one(_UDP, _number("udp sport", 16)),
    "udp.dstport": _one(_UDP, _number("udp dport", 16)),
    "udp.length": _one(_UDP, _number("udp length", 16)),
    "tcp": _one(_TCP, _constant(1)),
    "tcp.srcport": _one(_TCP, _number("tcp sport", 16)),
    "tcp.dstport": _one(_TCP, _number("tcp dport", 16)),
    "tcp.seq_raw": _one(_TCP, _number("tcp sequence", 32)),
    "tcp.ack_raw": _one(_TCP, _number("tcp ackseq", 32)),
    "tcp.window": _one(_TCP, _number("tcp window", 16)),
    "tcp.urgent_pointer": _one(_TCP, _number("tcp urgptr", 16)),
    "tcp.flags": _one(_TCP, _number("tcp flags", 8)),
    **{
        f"tcp.flags.{flag.name.lower()}": _one(
            _TCP, _flag([f"tcp flags & {flag:#x} != 0"], [f"tcp flags & {flag:#x} == 0"])
        )
        for flag in Flags
        if flag.name
    },
    "tcp.options.mss": _tcp_option("maxseg", "size", 16),
    "tcp.options.wscale": _tcp_option("window", "count", 8),
    "tcp.options.sack_perm": _tcp_option_flag("sack-perm"),
    "tcp.options.timestamp": _tcp_option("timestamp", "tsval", 32),
    "tcp.options.timestamp.echo": _tcp_option("timestamp", "tsecr", 32),
}

#: Fields that hold either of two.
_EITHER = {
    "ip.addr": ("ip.src", "ip.dst"),
    "tcp.port": ("tcp.srcport", "tcp.dstport"),
    "udp.port": ("udp.srcport", "udp.dstport"),
}

#: Why not, of fields that users would miss.
_WHY_NOT = {
    "tcp.len": "nftables cannot subtract header lengths",
    "tcp.seq": "nftables does not know where a connection's numbers begin; tcp.seq_raw works",
    "tcp.ack": "nftables does not know where a connection's numbers begin; tcp.ack_raw works",
    "src.node": "nftables knows addresses only; ip.src works",
    "dst.node": "nftables knows addresses only; ip.dst works",
}


def matches(expression: Expression, family: Family) -> tuple[str, ...]:
    """The match texts of which a packet fits one exactly when the expression is true of it.

    No text at all: no packet of this family can match. An empty text: every packet does.

    Raises:
        Untranslatable: nftables cannot ask this.
    """
    found = [match for match in _true(expression) if match.exists_in(family)]
    return tuple(dict.fromkeys(match.text() for match in found))


def _true(expression: Expression) -> _Matches:
    match expression:
        case Presence(name, field):
            reading = _reading(name)
            return reading.compared("==", 1) if field.kind is Kind.FLAG else reading.present()
        case Comparison(name) if name in _EITHER:
            return _true(_spelled_out(expression))
        case Comparison(name, _, sign, value):
            return _reading(name).compared(sign, value)
        case Not(inner):
            return _false(inner)
        case AllOf(parts):
            return _all(*map(_true, parts))
        case AnyOf(parts):
            return _any(*map(_true, parts))


def _false(expression: Expression) -> _Matches:  # noqa: PLR0911 - one return a kind
    match expression:
        case Presence(name, field):
            reading = _reading(name)
            if field.kind is not Kind.FLAG:
                return reading.absent()
            return _any(reading.absent(), reading.compared("!=", 1))
        case Comparison(name) if name in _EITHER:
            return _false(_spelled_out(expression))
        case Comparison(name, _, sign, value):
            reading = _reading(name)
            return _any(reading.absent(), reading.compared(_OPPOSITE[sign], value))
        case Not(inner):
            return _true(inner)
        case AllOf(parts):
            return _any(*map(_false, parts))
        case AnyOf(parts):
            return _all(*map(_false, parts))


def _spelled_out(comparison: Comparison) -> Expression:
    """``tcp.port == 7`` is about one of two fields, ``tcp.port != 7`` about both."""
    parts = tuple(replace(comparison, name=name) for name in _EITHER[comparison.name])
    return AllOf(parts) if comparison.sign == "!=" else AnyOf(parts)


def _reading(name: str) -> _Reading:
    reading = _READINGS.get(_EITHER.get(name, (name,))[0])
    if reading is None:
        because = _WHY_NOT.get(name)
        raise Untranslatable(f"nftables cannot read {name}" + (f": {because}" if because else ""))
    return reading
