"""What programs hear of ICMP errors: the errno of each, and whether it ends a connection.

The tables are those of *UNIX Network Programming*, volume 1, figures A.15 and A.16: ``bsd`` is the
book's column. Linux has values of its own, and tells *soft* errors only to who asks for them. RFC
1122, 4.2.3.9, names those that are soft for TCP.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass

from netlab.wire import icmp, icmpv6
from netlab.wire.icmp import Type as Type4
from netlab.wire.icmpv6 import Type as Type6


@dataclass(frozen=True, slots=True)
class SoftOrHard:
    """``errno`` is Linux'; ``bsd`` is 4.4BSD's, None where that has none."""

    errno: int
    is_hard: bool
    bsd: int | None = None


def _number(name: str, on_linux: int) -> int:
    """An errno that not every system has; the stack says what Linux says."""
    return int(getattr(errno, name, on_linux))


_EHOSTDOWN, _ENONET = _number("EHOSTDOWN", 112), _number("ENONET", 64)
_UNREACHABLE, _REFUSED = errno.EHOSTUNREACH, errno.ECONNREFUSED

_UNREACHABLE_V4: dict[int, SoftOrHard] = {
    icmp.Unreachable.NET: SoftOrHard(errno.ENETUNREACH, False, _UNREACHABLE),
    icmp.Unreachable.HOST: SoftOrHard(errno.EHOSTUNREACH, False, _UNREACHABLE),
    icmp.Unreachable.PROTOCOL: SoftOrHard(errno.ENOPROTOOPT, True, _REFUSED),
    icmp.Unreachable.PORT: SoftOrHard(errno.ECONNREFUSED, True, _REFUSED),
    icmp.Unreachable.FRAGMENTATION_NEEDED: SoftOrHard(errno.EMSGSIZE, False, errno.EMSGSIZE),
    icmp.Unreachable.SOURCE_ROUTE_FAILED: SoftOrHard(errno.EOPNOTSUPP, False, _UNREACHABLE),
    icmp.Unreachable.NET_UNKNOWN: SoftOrHard(errno.ENETUNREACH, True, _UNREACHABLE),
    icmp.Unreachable.HOST_UNKNOWN: SoftOrHard(_EHOSTDOWN, True, _UNREACHABLE),
    icmp.Unreachable.SOURCE_HOST_ISOLATED: SoftOrHard(_ENONET, True, _UNREACHABLE),
    icmp.Unreachable.NET_PROHIBITED: SoftOrHard(errno.ENETUNREACH, True, _UNREACHABLE),
    icmp.Unreachable.HOST_PROHIBITED: SoftOrHard(errno.EHOSTUNREACH, True, _UNREACHABLE),
    icmp.Unreachable.NET_FOR_SERVICE: SoftOrHard(errno.ENETUNREACH, False, _UNREACHABLE),
    icmp.Unreachable.HOST_FOR_SERVICE: SoftOrHard(errno.EHOSTUNREACH, False, _UNREACHABLE),
    icmp.Unreachable.COMMUNICATION_PROHIBITED: SoftOrHard(errno.EHOSTUNREACH, True, _REFUSED),
    14: SoftOrHard(errno.EHOSTUNREACH, True, _REFUSED),  # host precedence violation
    15: SoftOrHard(errno.EHOSTUNREACH, True, _REFUSED),  # precedence cutoff (RFC 1812, 5.2.7.1)
}
_UNREACHABLE_V6: dict[int, SoftOrHard] = {
    icmpv6.Unreachable.NO_ROUTE: SoftOrHard(errno.ENETUNREACH, False, _UNREACHABLE),
    icmpv6.Unreachable.PROHIBITED: SoftOrHard(errno.EACCES, True, _UNREACHABLE),
    icmpv6.Unreachable.BEYOND_SCOPE: SoftOrHard(errno.EHOSTUNREACH, False, errno.ENOPROTOOPT),
    icmpv6.Unreachable.ADDRESS: SoftOrHard(errno.EHOSTUNREACH, False, _EHOSTDOWN),
    icmpv6.Unreachable.PORT: SoftOrHard(errno.ECONNREFUSED, True, _REFUSED),
    icmpv6.Unreachable.POLICY: SoftOrHard(errno.EACCES, True),
    icmpv6.Unreachable.REJECT_ROUTE: SoftOrHard(errno.EACCES, True),
}

_TIME_EXCEEDED = SoftOrHard(errno.EHOSTUNREACH, False)
_PARAMETER_PROBLEM = SoftOrHard(errno.EPROTO, True, errno.ENOPROTOOPT)


def meaning(message: icmp.Icmp | icmpv6.Icmpv6) -> SoftOrHard | None:
    """What an ICMP error means to a socket, or None if no socket hears of it."""
    if isinstance(message, icmp.Icmp):
        return _meaning_v4(message.type, message.code)
    return _meaning_v6(message.type, message.code)


def _meaning_v4(kind: int, code: int) -> SoftOrHard | None:
    if kind == Type4.DESTINATION_UNREACHABLE:
        return _UNREACHABLE_V4.get(code)
    if kind == Type4.TIME_EXCEEDED and code == 0:  # 11/1 is nobody's
        return _TIME_EXCEEDED
    # Source quench is ignored (RFC 6633), a redirect is for the routing table.
    return _PARAMETER_PROBLEM if kind == Type4.PARAMETER_PROBLEM else None


def _meaning_v6(kind: int, code: int) -> SoftOrHard | None:
    if kind == Type6.DESTINATION_UNREACHABLE:
        return _UNREACHABLE_V6.get(code)
    if kind == Type6.PACKET_TOO_BIG:
        return SoftOrHard(errno.EMSGSIZE, False)
    if kind == Type6.TIME_EXCEEDED:
        return _TIME_EXCEEDED
    return _PARAMETER_PROBLEM if kind == Type6.PARAMETER_PROBLEM else None
