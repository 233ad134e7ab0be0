"""IGMP, versions 1 to 3 (RFC 1112, RFC 2236, RFC 3376)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from struct import Struct

from netlab.wire import checksum as internet
from netlab.wire.errors import ParseError
from netlab.wire.membership import Record, decoded, emit_records, parse_records, parse_sources

PROTOCOL = 2
HEADER_LENGTH = 8

_HEADER = Struct("!BBH4s")
_MORE = Struct("!BBH")


class Type(IntEnum):
    MEMBERSHIP_QUERY = 0x11
    V1_REPORT = 0x12
    V2_REPORT = 0x16
    V2_LEAVE = 0x17
    V3_REPORT = 0x22


@dataclass(frozen=True, slots=True)
class Igmp:
    """``version`` is that of a query. ``max_response`` is in tenths of a second.

    ``checksum`` is as seen on the wire: comparison leaves it out.
    """

    type: int
    group: bytes = bytes(4)
    max_response: int = 0
    version: int = 3
    sources: tuple[bytes, ...] = ()
    records: tuple[Record, ...] = ()
    checksum: int = field(default=0, compare=False)


def query(
    group: bytes = bytes(4),
    *,
    max_response: int = 100,
    sources: Sequence[bytes] = (),
    version: int = 3,
) -> bytes:
    """To a group or to all, ``max_response`` below 128 tenths of a second."""
    message = _HEADER.pack(Type.MEMBERSHIP_QUERY, max_response if version > 1 else 0, 0, group)
    if version == 3:  # robustness 2, an interval of 125 s
        message += _MORE.pack(2, 125, len(sources)) + b"".join(sources)
    return _summed(message)


def report(records: Sequence[Record]) -> bytes:
    """Of version 3."""
    count = len(records).to_bytes(4, "big")
    return _summed(_HEADER.pack(Type.V3_REPORT, 0, 0, count) + emit_records(records))


def older(kind: Type, group: bytes) -> bytes:
    """A report or leave of version 1 or 2."""
    return _summed(_HEADER.pack(kind, 0, 0, group))


def parse(buffer: bytes | memoryview) -> Igmp:
    """A message; that its checksum is right is not verified here."""
    data = bytes(buffer)
    if len(data) < HEADER_LENGTH:
        raise ParseError(f"igmp header needs 8 bytes, there are {len(data)}")
    kind, code, check, rest = _HEADER.unpack_from(data)
    if kind == Type.V3_REPORT:
        count = int.from_bytes(rest[2:], "big")
        return Igmp(kind, records=parse_records(data[8:], count, 4), checksum=check)
    if kind != Type.MEMBERSHIP_QUERY:
        return Igmp(kind, rest, code, checksum=check)
    if len(data) == HEADER_LENGTH:  # RFC 3376, 7.1: how versions are told apart
        return Igmp(kind, rest, code or 100, 2 if code else 1, checksum=check)
    if len(data) < HEADER_LENGTH + 4:
        raise ParseError(f"igmp query has {len(data)} bytes, neither 8 nor 12 and more")
    _, _, count = _MORE.unpack_from(data, 8)
    sources = parse_sources(data[12:], count, 4)
    return Igmp(kind, rest, decoded(code, 4), 3, sources, checksum=check)


def _summed(message: bytes) -> bytes:
    value = internet.checksum(message)
    return b"".join((message[:2], value.to_bytes(2, "big"), message[4:]))
