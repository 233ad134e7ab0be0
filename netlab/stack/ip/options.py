"""Options of IPv4 (RFC 791, 3.1; RFC 1812, 5.3.13; RFC 7126) and what a router writes into them."""

from __future__ import annotations

from collections.abc import Iterator

from netlab.stack.ip.counters import Counted
from netlab.stack.ip.refused import Refused
from netlab.stack.units import MILLISECOND
from netlab.wire import icmp
from netlab.wire.icmp_error import IcmpError
from netlab.wire.ipv4 import MIN_HEADER_LENGTH
from netlab.wire.ipv4_options import END_OF_OPTIONS, NO_OPERATION

_RECORD_ROUTE, _TIMESTAMP = 7, 68
_SOURCE_ROUTES = frozenset({131, 137})
#: Where the first address or time stands, counted from 1 (RFC 791, 3.1).
_FIRST_SLOT = {_RECORD_ROUTE: 4, _TIMESTAMP: 5}

_DAY = 86_400_000


def check(options: bytes) -> None:
    """Raises Refused for what is malformed, with a pointer to it, and for source routes.

    Source routes are refused in silence, as Linux does unless told otherwise and RFC 7126, 4.3
    and 4.4, advises.
    """
    for at, kind, size in _walk(options):
        if size < 2 or at + size > len(options):
            raise _problem(at + 1)
        if kind in _SOURCE_ROUTES:
            raise Refused(Counted.IN_HEADER_ERRORS)
        first = _FIRST_SLOT.get(kind)
        if first is not None and (size < first - 1 or options[at + 2] < first):
            raise _problem(at + 2)


def passed_on(now: int, options: bytes, address: bytes) -> bytes:
    """The options as a router sends them on from ``address``: recorded, where there is room."""
    written = bytearray(options)
    for at, kind, size in _walk(options):
        if kind == _RECORD_ROUTE:
            _record(written, at, size, address)
        elif kind == _TIMESTAMP:
            _stamp(written, at, size, address, now)
    return bytes(written)


def _record(options: bytearray, at: int, size: int, address: bytes) -> None:
    slot = options[at + 2]
    if slot + 3 <= size:
        options[at + slot - 1 : at + slot + 3] = address
        options[at + 2] = slot + 4


def _stamp(options: bytearray, at: int, size: int, address: bytes, now: int) -> None:
    """RFC 791: times alone (0), with addresses (1), or only at the addresses that are given (3)."""
    slot, flag = options[at + 2], options[at + 3] & 15
    start = at + slot - 1
    time = (now // MILLISECOND % _DAY).to_bytes(4, "big")
    entry = time if flag == 0 else address + time
    if slot + len(entry) - 1 > size:
        if flag != 3 and options[at + 3] >> 4 < 15:
            options[at + 3] += 16  # one more that had no room
        return
    if flag == 3 and options[start : start + 4] != address:
        return
    options[start : start + len(entry)] = entry
    options[at + 2] = slot + len(entry)


def _walk(options: bytes) -> Iterator[tuple[int, int, int]]:
    """Where each option starts, its type, and its size; the last one may be malformed."""
    at = 0
    while at < len(options) and options[at] != END_OF_OPTIONS:
        if options[at] == NO_OPERATION:
            at += 1
            continue
        size = options[at + 1] if at + 1 < len(options) else 0
        yield at, options[at], size
        if size < 2:
            return
        at += size


def _problem(at: int) -> Refused:
    pointer = MIN_HEADER_LENGTH + at
    return Refused(Counted.IN_HEADER_ERRORS, IcmpError(icmp.Type.PARAMETER_PROBLEM, 0, pointer))
