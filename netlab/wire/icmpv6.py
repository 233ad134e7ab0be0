"""ICMPv6 (RFC 4443), neighbour discovery (RFC 4861) and the names of MLD (RFC 3810)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from struct import Struct

from netlab.wire import checksum as internet
from netlab.wire.errors import ParseError

PROTOCOL = 58
HEADER_LENGTH = 8

_HEADER = Struct("!BBH4s")


class Type(IntEnum):
    DESTINATION_UNREACHABLE = 1
    PACKET_TOO_BIG = 2
    TIME_EXCEEDED = 3
    PARAMETER_PROBLEM = 4
    ECHO_REQUEST = 128
    ECHO_REPLY = 129
    MULTICAST_LISTENER_QUERY = 130
    MULTICAST_LISTENER_REPORT = 131
    MULTICAST_LISTENER_DONE = 132
    ROUTER_SOLICITATION = 133
    ROUTER_ADVERTISEMENT = 134
    NEIGHBOR_SOLICITATION = 135
    NEIGHBOR_ADVERTISEMENT = 136
    REDIRECT = 137
    MULTICAST_LISTENER_REPORT_V2 = 143


class Unreachable(IntEnum):
    """The codes of Destination Unreachable (RFC 4443, 3.1)."""

    NO_ROUTE = 0
    PROHIBITED = 1
    BEYOND_SCOPE = 2
    ADDRESS = 3
    PORT = 4
    POLICY = 5
    REJECT_ROUTE = 6


class NdOptionType(IntEnum):
    SOURCE_LINK_LAYER_ADDRESS = 1
    TARGET_LINK_LAYER_ADDRESS = 2
    PREFIX_INFORMATION = 3
    REDIRECTED_HEADER = 4
    MTU = 5


_ECHOES = frozenset({Type.ECHO_REQUEST, Type.ECHO_REPLY})
_TARGETED = frozenset({Type.NEIGHBOR_SOLICITATION, Type.NEIGHBOR_ADVERTISEMENT, Type.REDIRECT})
_EXTENSIBLE = frozenset({Type.DESTINATION_UNREACHABLE, Type.TIME_EXCEEDED})
_MLD_V1 = frozenset(
    {
        Type.MULTICAST_LISTENER_QUERY,
        Type.MULTICAST_LISTENER_REPORT,
        Type.MULTICAST_LISTENER_DONE,
    }
)
#: Where the options of a neighbour discovery message start in its body (RFC 4861, section 4).
_OPTIONS_START: dict[int, int] = {
    Type.ROUTER_SOLICITATION: 0,
    Type.ROUTER_ADVERTISEMENT: 8,
    Type.NEIGHBOR_SOLICITATION: 16,
    Type.NEIGHBOR_ADVERTISEMENT: 16,
    Type.REDIRECT: 32,
}
_WITH_BODY = frozenset({*_OPTIONS_START, *_MLD_V1, Type.MULTICAST_LISTENER_REPORT_V2})


@dataclass(frozen=True, slots=True)
class NdOption:
    """A neighbour discovery option; ``data`` follows its type and length bytes."""

    type: int
    data: bytes

    def emit(self) -> bytes:
        """The option; its data is padded to a multiple of 8 bytes."""
        data = self.data + bytes(-(len(self.data) + 2) % 8)
        return bytes((self.type, (len(data) + 2) >> 3)) + data


@dataclass(frozen=True, slots=True)
class Icmpv6:
    """``rest`` are the header's last four bytes; the properties are what they mean, or None.

    ``body`` is what follows in messages of neighbour discovery and MLD; echo data and quoted
    packets are payload. ``checksum`` is as seen on the wire: emit computes it, comparison leaves
    it out.
    """

    type: int
    code: int = 0
    rest: bytes = bytes(4)
    body: bytes = b""
    checksum: int = field(default=0, compare=False)

    @property
    def is_error(self) -> bool:
        """Whether the payload quotes the packet that this message is about (RFC 4443, 2.1)."""
        return self.type < 128

    @property
    def name(self) -> str:
        """Such as ``packet too big``."""
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
        """The next-hop MTU of Packet Too Big."""
        return int.from_bytes(self.rest, "big") if self.type == Type.PACKET_TOO_BIG else None

    @property
    def pointer(self) -> int | None:
        """Where in the quoted packet the problem is, in bytes."""
        return int.from_bytes(self.rest, "big") if self.type == Type.PARAMETER_PROBLEM else None

    @property
    def quote_length(self) -> int | None:
        """The bytes of the payload that are quote, where RFC 4884 extensions follow it."""
        return self.rest[0] * 8 or None if self.type in _EXTENSIBLE else None

    @property
    def target(self) -> bytes | None:
        """Whom a neighbour discovery message is about; for a redirect, the better next hop."""
        return self.body[:16] if self.type in _TARGETED and len(self.body) >= 16 else None

    @property
    def redirected(self) -> bytes | None:
        """The destination that a redirect is about."""
        return self.body[16:32] if self.type == Type.REDIRECT and len(self.body) >= 32 else None

    @property
    def group(self) -> bytes | None:
        """The multicast address of an MLD version 1 message or a query."""
        return self.body[:16] if self.type in _MLD_V1 and len(self.body) >= 16 else None

    @property
    def options(self) -> tuple[NdOption, ...]:
        """The neighbour discovery options up to the first malformed one."""
        start = _OPTIONS_START.get(self.type)
        return () if start is None else _nd_options(self.body[start:])

    @property
    def has_sound_options(self) -> bool:
        """Whether nothing but whole options follows; a length of zero is none (RFC 4861, 6.1)."""
        start = _OPTIONS_START.get(self.type)
        if start is None or len(self.body) < start:
            return False
        return sum(len(o.data) + 2 for o in self.options) == len(self.body) - start

    @property
    def link_layer_address(self) -> bytes | None:
        """The first source or target link-layer address among the options."""
        kinds = (NdOptionType.SOURCE_LINK_LAYER_ADDRESS, NdOptionType.TARGET_LINK_LAYER_ADDRESS)
        return next((o.data[:6] for o in self.options if o.type in kinds), None)

    def emit(self, payload: bytes, source: bytes, destination: bytes) -> bytes:
        """The message between two addresses, which its checksum covers."""
        head = _HEADER.pack(self.type, self.code, 0, self.rest)
        message = b"".join((head, self.body, payload))
        pseudo = internet.pseudo_header(source, destination, PROTOCOL, len(message))
        value = internet.checksum(message, pseudo)
        return b"".join((message[:2], value.to_bytes(2, "big"), message[4:]))


def echo(identifier: int, sequence: int, *, reply: bool = False) -> Icmpv6:
    kind = Type.ECHO_REPLY if reply else Type.ECHO_REQUEST
    return Icmpv6(kind, 0, (identifier << 16 | sequence).to_bytes(4, "big"))


def packet_too_big(mtu: int) -> Icmpv6:
    return Icmpv6(Type.PACKET_TOO_BIG, 0, mtu.to_bytes(4, "big"))


def parse(
    buffer: bytes | memoryview, offset: int = 0, end: int | None = None
) -> tuple[Icmpv6, int]:
    """The header between ``offset`` and ``end``, and the offset of its payload."""
    if end is None:
        end = len(buffer)
    if end - offset < HEADER_LENGTH:
        raise ParseError(f"icmpv6 header needs 8 bytes, there are {end - offset}")
    kind, code, check, rest = _HEADER.unpack_from(buffer, offset)
    offset += HEADER_LENGTH
    if kind not in _WITH_BODY:
        return Icmpv6(kind, code, rest, b"", check), offset
    return Icmpv6(kind, code, rest, bytes(buffer[offset:end]), check), end


def _nd_options(data: bytes) -> tuple[NdOption, ...]:
    found: list[NdOption] = []
    while len(data) >= 8:
        size = data[1] << 3
        if not 0 < size <= len(data):
            break
        found.append(NdOption(data[0], data[2:size]))
        data = data[size:]
    return tuple(found)
