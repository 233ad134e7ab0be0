"""Packets that keep a link working, as opposed to those that use it."""

from __future__ import annotations

_ARP, _IPV4, _IPV6 = b"\x08\x06", b"\x08\x00", b"\x86\xdd"
_IGMP, _ICMPV6, _HOP_BY_HOP = 2, 58, 0

#: MLD (RFC 2710, RFC 3810) and neighbour discovery (RFC 4861).
_UPKEEP_TYPES = frozenset({*range(130, 138), 143})


def is_upkeep(frame: bytes) -> bool:
    """Whether a frame is ARP, IGMP, neighbour discovery or MLD.

    These come when caches expire and timers fire, not when a program sends.
    """
    kind = frame[12:14]
    if kind == _IPV4:
        return len(frame) > 23 and frame[23] == _IGMP
    if kind == _IPV6:
        return _is_ipv6_upkeep(frame)
    return kind == _ARP


def _is_ipv6_upkeep(frame: bytes) -> bool:
    if len(frame) < 56:
        return False
    if frame[20] == _ICMPV6:
        return frame[54] in _UPKEEP_TYPES
    if frame[20] == _HOP_BY_HOP and frame[54] == _ICMPV6:  # MLD has a router alert in front
        message = 54 + 8 * (1 + frame[55])
        return len(frame) > message and frame[message] in _UPKEEP_TYPES
    return False
