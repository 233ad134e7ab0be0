"""What is checked before a datagram is anybody's (RFC 1122, 3.2.1; RFC 1812, 5.3; RFC 8200)."""

from __future__ import annotations

from functools import lru_cache

from netlab.stack.ip import addresses
from netlab.stack.ip.counters import Counted
from netlab.stack.ip.datagram import Received
from netlab.stack.ip.interface import Interface
from netlab.stack.ip.refused import Refused
from netlab.wire import checksum as internet
from netlab.wire import ipv4, ipv6
from netlab.wire.errors import ParseError


def take_ipv4(
    interface: Interface, view: memoryview, *, is_for_many: bool, is_verified: bool, is_looped: bool
) -> Received:
    """The datagram at the start of ``view``, which may be padded. Raises Refused."""
    try:
        ip, start = ipv4.parse(view)
    except ParseError:
        raise Refused(Counted.IN_HEADER_ERRORS) from None
    end = ip.total_length
    if end > len(view):
        raise Refused(Counted.IN_TRUNCATED)
    if not internet.is_valid(int.from_bytes(view[:start], "big")):
        raise Refused(Counted.IN_CHECKSUM_ERRORS)
    source, destination = ip.source, ip.destination
    if not is_looped and (_is_martian(source) or addresses.is_loopback(destination)):
        raise Refused(Counted.IN_ADDRESS_ERRORS)
    many = is_for_many or destination in interface.broadcasts or destination[0] >= 224
    if not any(source) and not many:
        raise Refused(Counted.IN_ADDRESS_ERRORS)
    return Received(interface, ip, view[start:end], view[:end], many, is_verified)


def take_ipv6(
    interface: Interface, view: memoryview, *, is_for_many: bool, is_verified: bool, is_looped: bool
) -> Received:
    """The same. A jumbo payload (RFC 2675), of length zero, is none that a link here carries."""
    try:
        ip, start = ipv6.parse(view)
    except ParseError:
        raise Refused(Counted.IN_HEADER_ERRORS) from None
    end = ip.total_length
    if end > len(view):
        raise Refused(Counted.IN_TRUNCATED)
    if not is_looped and (_is_martian(ip.source) or addresses.is_loopback(ip.destination)):
        raise Refused(Counted.IN_ADDRESS_ERRORS)
    many = is_for_many or ip.destination[0] == 0xFF
    return Received(interface, ip, view[start:end], view[:end], many, is_verified)


@lru_cache(1024)  # most of what comes is from the same few
def _is_martian(source: bytes) -> bool:
    """RFC 1812, 5.3.7, and RFC 4291, 2.7: no source, whoever sends it."""
    return (
        addresses.is_multicast(source)
        or addresses.is_loopback(source)
        or addresses.is_reserved(source)
        or source == addresses.LIMITED_BROADCAST
    )
