"""A first look at a frame: whether it could match an expression at all.

To decode a packet costs more than all else that happens to it, and most faults are about few.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import TypeAlias

from netlab.wire import icmp, icmpv6, tcp, udp
from netlab.wire.expression import AllOf, AnyOf, Comparison, Expression, Presence
from netlab.wire.ipv6 import ExtensionType
from netlab.wire.tcp import Flags

#: False only when the expression cannot match.
Glance: TypeAlias = Callable[[bytes], bool]

_PROTOCOLS = {
    "tcp": tcp.PROTOCOL,
    "udp": udp.PROTOCOL,
    "icmp": icmp.PROTOCOL,
    "icmpv6": icmpv6.PROTOCOL,
}
_FLAGS = {f"tcp.flags.{flag.name}".lower(): flag.value for flag in Flags}
_EXTENSIONS = frozenset(map(int, ExtensionType))


@dataclass(frozen=True, slots=True)
class _Need:
    """What every packet that matches has: a protocol, and flags of TCP."""

    protocol: int | None = None
    flags: int = 0

    def both(self, other: _Need) -> _Need:
        # Two protocols are in no packet: to look for one of them is enough.
        return _Need(self.protocol or other.protocol, self.flags | other.flags)

    def either(self, other: _Need) -> _Need:
        if self.protocol != other.protocol:
            return _Need()
        return _Need(self.protocol, self.flags & other.flags)


def glance(expression: Expression) -> Glance:
    need = _need(expression)
    protocol, flags = need.protocol, need.flags
    if protocol is None:
        return lambda _: True
    if protocol != tcp.PROTOCOL or not flags:
        return lambda frame: _carries(frame, protocol)
    return lambda frame: _carries(frame, protocol) and _has_flags(frame, flags)


def _need(expression: Expression) -> _Need:
    match expression:
        case AllOf(parts):
            return reduce(_Need.both, map(_need, parts))
        case AnyOf(parts):
            return reduce(_Need.either, map(_need, parts))
        case Presence(name):
            return _Need(_protocol(name), _FLAGS.get(name, 0))
        case Comparison(name, _, sign, value):
            is_set = sign == "==" and value == 1
            return _Need(_protocol(name), _FLAGS.get(name, 0) if is_set else 0)
    return _Need()  # of what must not hold, nothing is needed


def _protocol(name: str) -> int | None:
    return _PROTOCOLS.get(name.partition(".")[0])


def _carries(frame: bytes, protocol: int) -> bool:
    kind = frame[12:14]
    if kind == b"\x08\x00":
        return len(frame) > 23 and frame[23] == protocol
    if kind == b"\x86\xdd":
        return len(frame) > 20 and (frame[20] == protocol or frame[20] in _EXTENSIONS)
    return False


def _has_flags(frame: bytes, flags: int) -> bool:
    """Of a frame that may carry TCP; headers behind IPv6 extensions are left to the decoder."""
    if frame[12] == 0x08:
        place = 14 + (frame[14] & 0x0F) * 4 + 13
    elif frame[20] == tcp.PROTOCOL:
        place = 67
    else:
        return True
    return len(frame) > place and frame[place] & flags == flags
