"""Multicast listener discovery, versions 1 and 2 (RFC 2710, RFC 3810), inside ICMPv6."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct

from netlab.wire.errors import ParseError
from netlab.wire.icmpv6 import Icmpv6, Type
from netlab.wire.membership import Record, decoded, emit_records, parse_records, parse_sources

_MORE = Struct("!BBH")


@dataclass(frozen=True, slots=True)
class Query:
    """``group`` is all zeros for all groups; ``max_response`` is in ms."""

    group: bytes
    max_response: int
    version: int = 2
    sources: tuple[bytes, ...] = ()

    def message(self) -> Icmpv6:
        """``max_response`` must be below 32768 ms."""
        rest = self.max_response.to_bytes(2, "big") + bytes(2)
        body = self.group
        if self.version == 2:  # robustness 2, an interval of 125 s
            body += _MORE.pack(2, 125, len(self.sources)) + b"".join(self.sources)
        return Icmpv6(Type.MULTICAST_LISTENER_QUERY, 0, rest, body)


def parse_query(message: Icmpv6) -> Query:
    code = int.from_bytes(message.rest[:2], "big")
    body = message.body
    if len(body) == 16:  # RFC 3810, 8.1: how versions are told apart
        return Query(body, code, 1)
    if len(body) < 20:
        raise ParseError(f"mld query has {len(body) + 8} bytes, neither 24 nor 28 and more")
    _, _, count = _MORE.unpack_from(body, 16)
    return Query(body[:16], decoded(code, 12), 2, parse_sources(body[20:], count, 16))


def report(records: Sequence[Record]) -> Icmpv6:
    """Of version 2."""
    count = len(records).to_bytes(4, "big")
    return Icmpv6(Type.MULTICAST_LISTENER_REPORT_V2, 0, count, emit_records(records))


def parse_report(message: Icmpv6) -> tuple[Record, ...]:
    return parse_records(message.body, int.from_bytes(message.rest[2:], "big"), 16)
