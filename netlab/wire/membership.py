"""What IGMPv3 and MLDv2 have in common: group records, and codes of times (RFC 3376, RFC 3810)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from struct import Struct

from netlab.wire.errors import ParseError

_RECORD = Struct("!BBH")


class RecordType(IntEnum):
    """RFC 3376, 4.2.12, and RFC 3810, 5.2.12."""

    MODE_IS_INCLUDE = 1
    MODE_IS_EXCLUDE = 2
    CHANGE_TO_INCLUDE_MODE = 3
    CHANGE_TO_EXCLUDE_MODE = 4
    ALLOW_NEW_SOURCES = 5
    BLOCK_OLD_SOURCES = 6


@dataclass(frozen=True, slots=True)
class Record:
    """``type`` is one of RecordType, or another number that the wire carried."""

    type: int
    group: bytes
    sources: tuple[bytes, ...] = ()

    def emit(self) -> bytes:
        head = _RECORD.pack(self.type, 0, len(self.sources))
        return b"".join((head, self.group, *self.sources))


def emit_records(records: Sequence[Record]) -> bytes:
    return b"".join(record.emit() for record in records)


def parse_records(data: bytes, count: int, size: int) -> tuple[Record, ...]:
    """``count`` records with addresses of ``size`` bytes; auxiliary data is left out."""
    records: list[Record] = []
    at = 0
    for _ in range(count):
        if len(data) - at < 4 + size:
            raise ParseError(f"group record {len(records) + 1} of {count} is cut short")
        kind, auxiliary, number = _RECORD.unpack_from(data, at)
        group = data[at + 4 : at + 4 + size]
        at += 4 + size
        records.append(Record(kind, group, parse_sources(data[at:], number, size)))
        at += number * size + auxiliary * 4
    return tuple(records)


def parse_sources(data: bytes, count: int, size: int) -> tuple[bytes, ...]:
    if len(data) < count * size:
        raise ParseError(f"{count} source addresses need {count * size} bytes, not {len(data)}")
    return tuple(data[i * size : (i + 1) * size] for i in range(count))


def decoded(code: int, mantissa_bits: int) -> int:
    """The number that a code with an exponent stands for (RFC 3376, 4.1.1; RFC 3810, 5.1.3)."""
    if code < 1 << mantissa_bits + 3:
        return code
    mantissa = code & (1 << mantissa_bits) - 1 | 1 << mantissa_bits
    return mantissa << (code >> mantissa_bits & 7) + 3
