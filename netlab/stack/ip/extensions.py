"""What IPv6's extension headers ask of who gets them (RFC 8200, section 4)."""

from __future__ import annotations

from netlab.stack.ip.counters import Counted
from netlab.stack.ip.refused import Refused
from netlab.wire import icmpv6
from netlab.wire.icmp_error import IcmpError
from netlab.wire.ipv6 import HEADER_LENGTH, ExtensionHeader, ExtensionType, Ipv6

_PAD1 = 0
#: Options that may be skipped whatever their bits say: PadN and Router Alert (RFC 2711).
_KNOWN = frozenset({1, 5})

#: The codes of Parameter Problem (RFC 4443, 3.4).
_ERRONEOUS_FIELD, _UNKNOWN_NEXT_HEADER, _UNKNOWN_OPTION = 0, 1, 2


def check_hop_by_hop(ip: Ipv6) -> None:
    """What every node on the way looks at: it comes first or nowhere. Raises Refused."""
    for position, (at, extension) in enumerate(_places(ip)):
        if extension.type == ExtensionType.HOP_BY_HOP:
            if position:
                before = ip.extensions[position - 1]
                raise _problem(_UNKNOWN_NEXT_HEADER, at - len(before.body) - 2)
            _check_options(ip, at, extension)


def check_at_destination(ip: Ipv6) -> None:
    """What the destination looks at, too. Raises Refused."""
    for at, extension in _places(ip):
        if extension.type == ExtensionType.DESTINATION_OPTIONS:
            _check_options(ip, at, extension)
        elif extension.type == ExtensionType.ROUTING and extension.body[1]:
            # Segments are left, and this node knows no routing type (4.4; RFC 5095 for type 0).
            raise _problem(_ERRONEOUS_FIELD, at + 2)


def _places(ip: Ipv6) -> list[tuple[int, ExtensionHeader]]:
    """Each extension header and where in the datagram it starts."""
    places, at = [], HEADER_LENGTH
    for extension in ip.extensions:
        places.append((at, extension))
        at += len(extension.body) + 2
    return places


def _check_options(ip: Ipv6, start: int, extension: ExtensionHeader) -> None:
    """4.2: the two highest bits of an unknown type say what to do."""
    body, at = extension.body, 0
    while at < len(body):
        kind = body[at]
        if kind == _PAD1:
            at += 1
            continue
        size = body[at + 1] + 2 if at + 1 < len(body) else 2
        if at + size > len(body):
            raise _problem(_ERRONEOUS_FIELD, start + 2 + at)
        if kind not in _KNOWN and kind >> 6:
            raise _unknown_option(ip, kind >> 6, start + 2 + at)
        at += size


def _unknown_option(ip: Ipv6, action: int, pointer: int) -> Refused:
    is_silent = action == 1 or (action == 3 and ip.destination[0] == 0xFF)
    if is_silent:
        return Refused(Counted.IN_HEADER_ERRORS)
    return _problem(_UNKNOWN_OPTION, pointer)


def _problem(code: int, pointer: int) -> Refused:
    error = IcmpError(icmpv6.Type.PARAMETER_PROBLEM, code, pointer)
    return Refused(Counted.IN_HEADER_ERRORS, error)
