"""The IPv6 header and its extension headers (RFC 8200)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from struct import Struct
from typing import Literal

from netlab.wire.errors import ParseError

ETHERTYPE = 0x86DD
HEADER_LENGTH = 40
NO_NEXT_HEADER = 59

#: A chain longer than this is an attack or noise, not a packet of a lab.
MAX_EXTENSIONS = 16

_HEADER = Struct("!IHBB16s16s")
_FRAGMENT = Struct("!HI")


class ExtensionType(IntEnum):
    HOP_BY_HOP = 0
    ROUTING = 43
    FRAGMENT = 44
    DESTINATION_OPTIONS = 60


_EXTENSIONS = frozenset(map(int, ExtensionType))


@dataclass(frozen=True, slots=True)
class ExtensionHeader:
    """``body`` is what follows the length byte (for a fragment header: the reserved byte)."""

    type: int
    body: bytes

    @property
    def fragment_offset(self) -> int:
        """Of a fragment header, in bytes."""
        return int.from_bytes(self.body[:2], "big") & 0xFFF8

    def emit(self, next_header: int) -> bytes:
        """The header; ``body`` is padded with zeros (Pad1 options) to a multiple of 8 bytes."""
        body = self.body + bytes(-(len(self.body) + 2) % 8)
        return bytes((next_header, len(body) >> 3)) + body


def fragment_header(offset: int, identification: int, *, more: bool) -> ExtensionHeader:
    """The fragment header of a fragment that starts at byte ``offset`` (RFC 8200, 4.5)."""
    return ExtensionHeader(ExtensionType.FRAGMENT, _FRAGMENT.pack(offset | more, identification))


@dataclass(frozen=True, slots=True)
class Ipv6:
    """``protocol`` is the upper layer's, behind all ``extensions``.

    ``payload_length`` is as seen on the wire: emit computes it, comparison leaves it out. The
    fragment properties have IPv4's names and come from the fragment header.
    """

    source: bytes
    destination: bytes
    protocol: int
    hop_limit: int = 64
    traffic_class: int = 0
    flow_label: int = 0
    extensions: tuple[ExtensionHeader, ...] = ()
    payload_length: int = field(default=0, compare=False)

    @property
    def version(self) -> Literal[6]:
        return 6

    @property
    def next_header(self) -> int:
        return self.extensions[0].type if self.extensions else self.protocol

    @property
    def total_length(self) -> int:
        return HEADER_LENGTH + self.payload_length

    @property
    def header_length(self) -> int:
        """The bytes up to the upper layer, extension headers included."""
        return HEADER_LENGTH + sum(len(e.body) + 2 for e in self.extensions)

    @property
    def dscp(self) -> int:
        return self.traffic_class >> 2

    @property
    def ecn(self) -> int:
        return self.traffic_class & 3

    @property
    def is_fragment(self) -> bool:
        return self.more_fragments or self.fragment_offset > 0

    @property
    def more_fragments(self) -> bool:
        return bool(self._fragment[0] & 1)

    @property
    def fragment_offset(self) -> int:
        return self._fragment[0] & 0xFFF8

    @property
    def identification(self) -> int:
        return self._fragment[1]

    @property
    def _fragment(self) -> tuple[int, int]:
        for extension in self.extensions:
            if extension.type == ExtensionType.FRAGMENT:
                position, identification = _FRAGMENT.unpack(extension.body)
                return position, identification
        return 0, 0

    def emit(self, payload: bytes | memoryview = b"") -> bytes:
        return b"".join((self.emit_header(len(payload)), payload))

    def emit_header(self, payload_length: int) -> bytes:
        """The headers of a datagram with so many bytes of upper-layer payload."""
        extensions = emit_extensions(self.extensions, self.protocol) if self.extensions else b""
        header = _HEADER.pack(
            0x60000000 | self.traffic_class << 20 | self.flow_label,
            len(extensions) + payload_length,
            self.next_header,
            self.hop_limit,
            self.source,
            self.destination,
        )
        return header + extensions


def emit_extensions(extensions: tuple[ExtensionHeader, ...], protocol: int) -> bytes:
    """A chain of extension headers with ``protocol`` behind it."""
    following = [e.type for e in extensions[1:]] + [protocol]
    return b"".join(e.emit(after) for e, after in zip(extensions, following, strict=True))


def parse(buffer: bytes | memoryview, offset: int = 0) -> tuple[Ipv6, int]:
    """The header at ``offset`` and the offset of its upper-layer payload, extensions walked.

    The payload ends ``total_length`` after ``offset`` and may be cut short. Behind the fragment
    header of a fragment that is not the first comes data, whatever its next header says.
    """
    available = len(buffer) - offset
    if available < HEADER_LENGTH:
        raise ParseError(f"ipv6 header needs 40 bytes, there are {available}")
    start, length, protocol, hop_limit, source, destination = _HEADER.unpack_from(buffer, offset)
    if start >> 28 != 6:
        raise ParseError(f"ipv6 header has version {start >> 28}")
    payload = offset + HEADER_LENGTH
    extensions: tuple[ExtensionHeader, ...] = ()
    if protocol in _EXTENSIONS:
        end = min(len(buffer), payload + length)
        extensions, protocol, payload = _walk(buffer, payload, end, protocol)
    traffic_class, flow_label = start >> 20 & 0xFF, start & 0xFFFFF
    header = Ipv6(
        source, destination, protocol, hop_limit, traffic_class, flow_label, extensions, length
    )
    return header, payload


def _walk(
    buffer: bytes | memoryview, offset: int, end: int, kind: int
) -> tuple[tuple[ExtensionHeader, ...], int, int]:
    """The extension headers from ``offset`` on, the protocol behind them and where it starts."""
    found: list[ExtensionHeader] = []
    while kind in _EXTENSIONS:
        if len(found) == MAX_EXTENSIONS:
            raise ParseError(f"ipv6 packet has more than {MAX_EXTENSIONS} extension headers")
        size = 8
        if end - offset >= 8 and kind != ExtensionType.FRAGMENT:
            size += buffer[offset + 1] << 3
        if end - offset < size:
            raise ParseError(f"ipv6 extension header {kind} is cut short")
        following = buffer[offset]
        found.append(ExtensionHeader(kind, bytes(buffer[offset + 2 : offset + size])))
        offset += size
        if kind == ExtensionType.FRAGMENT and found[-1].fragment_offset:
            return tuple(found), following, offset
        kind = following
    return tuple(found), kind, offset
