"""Ethernet II frames, without preamble and frame check sequence."""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct

from netlab.wire.errors import ParseError

HEADER_LENGTH = 14
BROADCAST = b"\xff" * 6

_HEADER = Struct("!6s6sH")


@dataclass(frozen=True, slots=True)
class Ethernet:
    """``ethertype`` below 1536 is the length of an IEEE 802.3 frame."""

    destination: bytes
    source: bytes
    ethertype: int

    def emit(self, payload: bytes = b"") -> bytes:
        """The frame, not padded to the minimum length: virtual links do not pad either."""
        return _HEADER.pack(self.destination, self.source, self.ethertype) + payload


def parse(buffer: bytes | memoryview, offset: int = 0) -> tuple[Ethernet, int]:
    """The header at ``offset`` and the offset of its payload."""
    if len(buffer) - offset < HEADER_LENGTH:
        raise ParseError(f"ethernet header needs 14 bytes, there are {len(buffer) - offset}")
    destination, source, ethertype = _HEADER.unpack_from(buffer, offset)
    return Ethernet(destination, source, ethertype), offset + HEADER_LENGTH
