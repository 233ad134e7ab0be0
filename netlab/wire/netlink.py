"""Netlink messages (RFC 3549): framing, attributes, acknowledgements. No sockets here.

Numbers are in the byte order of the machine, as the kernel wants them. What the messages carry is
in netlab.wire.rtnetlink (links, addresses, routes) and netlab.wire.sock_diag (sockets).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from struct import Struct

from netlab.wire.errors import ParseError

NLMSG_ERROR = 2
NLMSG_DONE = 3

NLM_F_REQUEST = 0x001
NLM_F_ACK = 0x004
NLM_F_ACK_TLVS = 0x200
NLM_F_CAPPED = 0x100
NLM_F_DUMP = 0x300
NLM_F_REPLACE = 0x100
NLM_F_EXCL = 0x200
NLM_F_CREATE = 0x400

_HEADER = Struct("=IHHII")
_ATTRIBUTE = Struct("=HH")
_ERROR = Struct("=i")
_ATTRIBUTE_TYPE = 0x3FFF
_NLMSGERR_ATTR_MSG = 1


@dataclass(frozen=True, slots=True)
class Request:
    """A message to the kernel; batch gives it its sequence number."""

    type: int
    flags: int
    body: bytes

    def emit(self, sequence: int) -> bytes:
        header = _HEADER.pack(
            _HEADER.size + len(self.body), self.type, self.flags | NLM_F_REQUEST, sequence, 0
        )
        return header + self.body + bytes(-len(self.body) & 3)


@dataclass(frozen=True, slots=True)
class Message:
    """A message from the kernel."""

    type: int
    flags: int
    sequence: int
    body: bytes

    @property
    def is_done(self) -> bool:
        """Whether a dump ends here."""
        return self.type == NLMSG_DONE


@dataclass(frozen=True, slots=True)
class Acknowledgment:
    """The answer to the request ``sequence``: ``errno`` 0 is success, ``text`` says more."""

    sequence: int
    errno: int
    text: str = ""


def batch(requests: Iterable[Request], first_sequence: int = 1) -> bytes:
    """Many requests for one send, numbered upwards from ``first_sequence``."""
    return b"".join(
        request.emit(sequence) for sequence, request in enumerate(requests, first_sequence)
    )


def messages(buffer: bytes) -> Iterator[Message]:
    """The messages of one receive; ParseError when one is cut short."""
    offset = 0
    while offset < len(buffer):
        if len(buffer) - offset < _HEADER.size:
            raise ParseError("netlink message is cut short")
        size, kind, flags, sequence, _ = _HEADER.unpack_from(buffer, offset)
        if not _HEADER.size <= size <= len(buffer) - offset:
            raise ParseError(f"netlink message has length {size}")
        yield Message(kind, flags, sequence, buffer[offset + _HEADER.size : offset + size])
        offset += size + (-size & 3)


def acknowledgment(message: Message) -> Acknowledgment | None:
    """What an NLMSG_ERROR says, or the end of a dump that failed; None for other messages.

    The text is the kernel's extended acknowledgement, sent when the socket has NETLINK_EXT_ACK.
    """
    if message.type not in {NLMSG_ERROR, NLMSG_DONE} or len(message.body) < _ERROR.size:
        return None
    code = _ERROR.unpack_from(message.body)[0]
    if message.type == NLMSG_DONE and code >= 0:
        return None
    text = b""
    if message.flags & NLM_F_ACK_TLVS:
        text = attributes(_extended(message)).get(_NLMSGERR_ATTR_MSG, b"")
    return Acknowledgment(message.sequence, -code, text.rstrip(b"\0").decode(errors="replace"))


def _extended(message: Message) -> bytes:
    """The attributes behind an error: it first repeats the request, or, capped, its header."""
    if message.type == NLMSG_DONE:
        return message.body[_ERROR.size :]
    quoted = _HEADER.size
    if not message.flags & NLM_F_CAPPED and len(message.body) >= _ERROR.size + _HEADER.size:
        size = _HEADER.unpack_from(message.body, _ERROR.size)[0]
        quoted = size + (-size & 3)
    return message.body[_ERROR.size + quoted :]


def attribute(kind: int, data: bytes) -> bytes:
    """One attribute, padded to 4 bytes."""
    return _ATTRIBUTE.pack(_ATTRIBUTE.size + len(data), kind) + data + bytes(-len(data) & 3)


def attribute_u32(kind: int, number: int) -> bytes:
    return attribute(kind, number.to_bytes(4, sys.byteorder))


def attributes(data: bytes) -> dict[int, bytes]:
    """Attributes by kind, up to the first malformed one; of one kind the last counts."""
    found: dict[int, bytes] = {}
    offset = 0
    while len(data) - offset >= _ATTRIBUTE.size:
        size, kind = _ATTRIBUTE.unpack_from(data, offset)
        if not _ATTRIBUTE.size <= size <= len(data) - offset:
            break
        found[kind & _ATTRIBUTE_TYPE] = data[offset + _ATTRIBUTE.size : offset + size]
        offset += size + (-size & 3)
    return found


def number(data: bytes | None) -> int:
    """The number an attribute holds; 0 where the attribute is missing."""
    return int.from_bytes(data, sys.byteorder) if data else 0
