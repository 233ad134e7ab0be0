"""The IPv4 header (RFC 791, with RFC 2474 for DSCP and RFC 3168 for ECN)."""

from __future__ import annotations

from dataclasses import dataclass, field
from struct import Struct
from typing import Literal

from netlab.wire import checksum as internet
from netlab.wire.errors import ParseError

ETHERTYPE = 0x0800
MIN_HEADER_LENGTH = 20

_HEADER = Struct("!BBHHHBBH4s4s")
_DONT_FRAGMENT = 0x4000
_MORE_FRAGMENTS = 0x2000


@dataclass(frozen=True, slots=True)
class Ipv4:
    """``fragment_offset`` is in bytes; ``options`` are raw.

    ``total_length`` and ``checksum`` are as seen on the wire: emit computes them, comparison
    leaves them out.
    """

    source: bytes
    destination: bytes
    protocol: int
    ttl: int = 64
    identification: int = 0
    dont_fragment: bool = False
    more_fragments: bool = False
    fragment_offset: int = 0
    dscp: int = 0
    ecn: int = 0
    options: bytes = b""
    total_length: int = field(default=0, compare=False)
    checksum: int = field(default=0, compare=False)

    @property
    def version(self) -> Literal[4]:
        return 4

    @property
    def header_length(self) -> int:
        return MIN_HEADER_LENGTH + len(self.options)

    @property
    def is_fragment(self) -> bool:
        return self.more_fragments or self.fragment_offset > 0

    def emit(self, payload: bytes | memoryview = b"") -> bytes:
        """The datagram; ``options`` must be a multiple of 4 bytes long."""
        return b"".join((self.emit_header(len(payload)), payload))

    def emit_header(self, payload_length: int, identification: int | None = None) -> bytes:
        """The header of a datagram with so many bytes of payload, and another identification."""
        options = self.options
        header = _HEADER.pack(
            0x45 + (len(options) >> 2),
            self.dscp << 2 | self.ecn,
            MIN_HEADER_LENGTH + len(options) + payload_length,
            self.identification if identification is None else identification,
            (_DONT_FRAGMENT if self.dont_fragment else 0)
            | (_MORE_FRAGMENTS if self.more_fragments else 0)
            | self.fragment_offset >> 3,
            self.ttl,
            self.protocol,
            0,
            self.source,
            self.destination,
        )
        if options:
            header += options
        value = internet.finish(int.from_bytes(header, "big"))
        return b"".join((header[:10], value.to_bytes(2, "big"), header[12:]))


def parse(buffer: bytes | memoryview, offset: int = 0) -> tuple[Ipv4, int]:
    """The header at ``offset`` and the offset of its payload, which ends ``total_length`` on.

    The payload itself may be cut short; the checksum is not verified here.
    """
    available = len(buffer) - offset
    if available < MIN_HEADER_LENGTH:
        raise ParseError(f"ipv4 header needs 20 bytes, there are {available}")
    start, service, total, identification, fragment, ttl, protocol, check, source, destination = (
        _HEADER.unpack_from(buffer, offset)
    )
    options = b""
    size = MIN_HEADER_LENGTH
    if start != 0x45:  # version 4, no options: nearly every packet
        size = (start & 15) << 2
        _check_start(start >> 4, size, available)
        options = bytes(buffer[offset + MIN_HEADER_LENGTH : offset + size])
    if total < size:
        raise ParseError(f"ipv4 total length {total} is less than its header of {size} bytes")
    header = Ipv4(
        source,
        destination,
        protocol,
        ttl,
        identification,
        fragment & _DONT_FRAGMENT != 0,
        fragment & _MORE_FRAGMENTS != 0,
        (fragment & 0x1FFF) << 3,
        service >> 2,
        service & 3,
        options,
        total,
        check,
    )
    return header, offset + size


def _check_start(version: int, size: int, available: int) -> None:
    if version != 4:
        raise ParseError(f"ipv4 header has version {version}")
    if size < MIN_HEADER_LENGTH:
        raise ParseError(f"ipv4 header length {size} is less than 20")
    if size > available:
        raise ParseError(f"ipv4 header needs {size} bytes, there are {available}")
