"""ICMP for IPv4 (RFC 792, with RFC 1191 for the next-hop MTU and RFC 4884 for quote lengths)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from struct import Struct

from netlab.wire import checksum as internet
from netlab.wire.errors import ParseError

PROTOCOL = 1
HEADER_LENGTH = 8

_HEADER = Struct("!BBH4s")
_TWO_SHORTS = Struct("!HH")


class Type(IntEnum):
    ECHO_REPLY = 0
    DESTINATION_UNREACHABLE = 3
    SOURCE_QUENCH = 4
    REDIRECT = 5
    ECHO = 8
    ROUTER_ADVERTISEMENT = 9
    ROUTER_SOLICITATION = 10
    TIME_EXCEEDED = 11
    PARAMETER_PROBLEM = 12
    TIMESTAMP = 13
    TIMESTAMP_REPLY = 14


class Unreachable(IntEnum):
    """The codes of Destination Unreachable (RFC 792 and RFC 1122, 3.2.2.1)."""

    NET = 0
    HOST = 1
    PROTOCOL = 2
    PORT = 3
    FRAGMENTATION_NEEDED = 4
    SOURCE_ROUTE_FAILED = 5
    NET_UNKNOWN = 6
    HOST_UNKNOWN = 7
    SOURCE_HOST_ISOLATED = 8
    NET_PROHIBITED = 9
    HOST_PROHIBITED = 10
    NET_FOR_SERVICE = 11
    HOST_FOR_SERVICE = 12
    COMMUNICATION_PROHIBITED = 13


ERRORS = frozenset(
    {
        Type.DESTINATION_UNREACHABLE,
        Type.SOURCE_QUENCH,
        Type.REDIRECT,
        Type.TIME_EXCEEDED,
        Type.PARAMETER_PROBLEM,
    }
)
_ECHOES = frozenset({Type.ECHO, Type.ECHO_REPLY, Type.TIMESTAMP, Type.TIMESTAMP_REPLY})
_EXTENSIBLE = frozenset({Type.DESTINATION_UNREACHABLE, Type.TIME_EXCEEDED, Type.PARAMETER_PROBLEM})


@dataclass(frozen=True, slots=True)
class Icmp:
    """``rest`` are the header's last four bytes; the properties are what they mean, or None.

    ``checksum`` is as seen on the wire: emit computes it, comparison leaves it out.
    """

    type: int
    code: int = 0
    rest: bytes = bytes(4)
    checksum: int = field(default=0, compare=False)

    @property
    def is_error(self) -> bool:
        """Whether the payload quotes the packet that this message is about."""
        return self.type in ERRORS

    @property
    def name(self) -> str:
        """Such as ``destination unreachable``."""
        try:
            return Type(self.type).name.lower().replace("_", " ")
        except ValueError:
            return f"type {self.type}"

    @property
    def identifier(self) -> int | None:
        return int.from_bytes(self.rest[:2], "big") if self.type in _ECHOES else None

    @property
    def sequence(self) -> int | None:
        return int.from_bytes(self.rest[2:], "big") if self.type in _ECHOES else None

    @property
    def mtu(self) -> int | None:
        """The next-hop MTU (RFC 1191, section 4); 0 from a router that does not know RFC 1191."""
        if (self.type, self.code) == (
            Type.DESTINATION_UNREACHABLE,
            Unreachable.FRAGMENTATION_NEEDED,
        ):
            return int.from_bytes(self.rest[2:], "big")
        return None

    @property
    def pointer(self) -> int | None:
        """Where in the quoted packet the problem is, in bytes."""
        return self.rest[0] if self.type == Type.PARAMETER_PROBLEM else None

    @property
    def gateway(self) -> bytes | None:
        """Where a redirect sends its reader."""
        return self.rest if self.type == Type.REDIRECT else None

    @property
    def quote_length(self) -> int | None:
        """The bytes of the payload that are quote, where RFC 4884 extensions follow it."""
        return self.rest[1] * 4 or None if self.type in _EXTENSIBLE else None

    def emit(self, payload: bytes = b"") -> bytes:
        message = _HEADER.pack(self.type, self.code, 0, self.rest) + payload
        value = internet.checksum(message)
        return b"".join((message[:2], value.to_bytes(2, "big"), message[4:]))


def echo(identifier: int, sequence: int, *, reply: bool = False) -> Icmp:
    kind = Type.ECHO_REPLY if reply else Type.ECHO
    return Icmp(kind, 0, _TWO_SHORTS.pack(identifier, sequence))


def fragmentation_needed(mtu: int) -> Icmp:
    """What a router says that may not fragment a datagram larger than ``mtu``."""
    code = Unreachable.FRAGMENTATION_NEEDED
    return Icmp(Type.DESTINATION_UNREACHABLE, code, _TWO_SHORTS.pack(0, mtu))


def parse(buffer: bytes | memoryview, offset: int = 0, end: int | None = None) -> tuple[Icmp, int]:
    """The header between ``offset`` and ``end``, and the offset of its payload."""
    available = (len(buffer) if end is None else end) - offset
    if available < HEADER_LENGTH:
        raise ParseError(f"icmp header needs 8 bytes, there are {available}")
    kind, code, check, rest = _HEADER.unpack_from(buffer, offset)
    return Icmp(kind, code, rest, check), offset + HEADER_LENGTH
