"""Router advertisements (RFC 4861, 4.2 and 4.6), inside ICMPv6."""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct

from netlab.wire.errors import ParseError
from netlab.wire.icmpv6 import Icmpv6, NdOption, NdOptionType, Type

#: A lifetime without end.
INFINITE = 0xFFFFFFFF

_REST = Struct("!BBH")
_TIMES = Struct("!II")
_PREFIX = Struct("!BBIII16s")
_MTU = Struct("!HI")

_ON_LINK, _AUTONOMOUS = 0x80, 0x40


@dataclass(frozen=True, slots=True)
class Prefix:
    """Lifetimes are in seconds. ``autonomous``: hosts may make addresses of it (RFC 4862)."""

    prefix: bytes
    length: int
    valid: int = 2_592_000
    preferred: int = 604_800
    on_link: bool = True
    autonomous: bool = True


@dataclass(frozen=True, slots=True)
class RouterAdvertisement:
    """``lifetime`` as a default router is in seconds, 0 for none; the times are in ms.

    A hop limit or a time of 0 is none of this router's business.
    """

    hop_limit: int = 64
    lifetime: int = 1800
    managed: bool = False
    other: bool = False
    reachable_time: int = 0
    retrans_timer: int = 0
    prefixes: tuple[Prefix, ...] = ()
    mtu: int | None = None
    mac: bytes | None = None

    def message(self) -> Icmpv6:
        flags = (0x80 if self.managed else 0) | (0x40 if self.other else 0)
        options = []
        if self.mac is not None:
            options.append(NdOption(NdOptionType.SOURCE_LINK_LAYER_ADDRESS, self.mac))
        if self.mtu is not None:
            options.append(NdOption(NdOptionType.MTU, _MTU.pack(0, self.mtu)))
        options += map(_prefix_option, self.prefixes)
        body = _TIMES.pack(self.reachable_time, self.retrans_timer)
        body += b"".join(option.emit() for option in options)
        rest = _REST.pack(self.hop_limit, flags, self.lifetime)
        return Icmpv6(Type.ROUTER_ADVERTISEMENT, 0, rest, body)


def parse(message: Icmpv6) -> RouterAdvertisement:
    """Options that are unknown, or too short for what they say to be, are left out."""
    if len(message.body) < _TIMES.size:
        raise ParseError(f"router advertisement has {len(message.body) + 8} bytes, not 16 or more")
    hop_limit, flags, lifetime = _REST.unpack(message.rest)
    reachable, retrans = _TIMES.unpack_from(message.body)
    mtu, mac, prefixes = None, None, []
    for option in message.options:
        if option.type == NdOptionType.MTU and len(option.data) >= _MTU.size:
            mtu = _MTU.unpack_from(option.data)[1]
        elif option.type == NdOptionType.SOURCE_LINK_LAYER_ADDRESS:
            mac = option.data[:6]
        elif option.type == NdOptionType.PREFIX_INFORMATION and len(option.data) >= _PREFIX.size:
            prefixes.append(_parse_prefix(option.data))
    managed, other = bool(flags & 0x80), bool(flags & 0x40)
    return RouterAdvertisement(
        hop_limit, lifetime, managed, other, reachable, retrans, tuple(prefixes), mtu, mac
    )


def _prefix_option(prefix: Prefix) -> NdOption:
    flags = (_ON_LINK if prefix.on_link else 0) | (_AUTONOMOUS if prefix.autonomous else 0)
    data = _PREFIX.pack(prefix.length, flags, prefix.valid, prefix.preferred, 0, prefix.prefix)
    return NdOption(NdOptionType.PREFIX_INFORMATION, data)


def _parse_prefix(data: bytes) -> Prefix:
    length, flags, valid, preferred, _, prefix = _PREFIX.unpack_from(data)
    return Prefix(
        prefix, length, valid, preferred, bool(flags & _ON_LINK), bool(flags & _AUTONOMOUS)
    )
