"""UDP (RFC 768; over IPv6 RFC 8200, 8.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from struct import Struct

from netlab.wire import checksum as internet
from netlab.wire.errors import ParseError

PROTOCOL = 17
HEADER_LENGTH = 8

_HEADER = Struct("!HHHH")


@dataclass(frozen=True, slots=True)
class Udp:
    """``length`` (header and data) and ``checksum`` are as seen on the wire.

    emit computes both, comparison leaves them out. Checksum 0 means that there is none.
    """

    source_port: int
    destination_port: int
    length: int = field(default=HEADER_LENGTH, compare=False)
    checksum: int = field(default=0, compare=False)

    def emit(
        self, payload: bytes, source: bytes, destination: bytes, *, has_checksum: bool = True
    ) -> bytes:
        """The datagram between two addresses, which its checksum covers."""
        length = HEADER_LENGTH + len(payload)
        if not has_checksum:
            return _HEADER.pack(self.source_port, self.destination_port, length, 0) + payload
        ports = self.source_port + self.destination_port
        pseudo = internet.pseudo_header(source, destination, PROTOCOL, length)
        # RFC 768: a checksum that comes out as zero is sent as its other form, all ones.
        value = internet.checksum(payload, pseudo + ports + length) or 0xFFFF
        return _HEADER.pack(self.source_port, self.destination_port, length, value) + payload


def parse(buffer: bytes | memoryview, offset: int = 0, end: int | None = None) -> tuple[Udp, int]:
    """The header between ``offset`` and ``end``, and the offset of its payload."""
    available = (len(buffer) if end is None else end) - offset
    if available < HEADER_LENGTH:
        raise ParseError(f"udp header needs 8 bytes, there are {available}")
    header = Udp(*_HEADER.unpack_from(buffer, offset))
    if header.length < HEADER_LENGTH:
        raise ParseError(f"udp length {header.length} is less than its header of 8 bytes")
    return header, offset + HEADER_LENGTH
