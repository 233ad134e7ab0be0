"""pcapng capture files (draft-ietf-opsawg-pcapng): blocks as bytes, and reading them back.

Written are a section header, interface descriptions, enhanced packets and interface statistics,
little-endian, with time stamps in nanoseconds since 1970. Read are both byte orders and any time
resolution; blocks and options of other kinds are skipped.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct
from typing import BinaryIO, Literal, TypeAlias

from netlab.wire.errors import ParseError

LINKTYPE_ETHERNET = 1

_SECTION = 0x0A0D0D0A
_INTERFACE = 1
_STATISTICS = 5
ENHANCED_PACKET = 6
_BYTE_ORDER_MAGIC = 0x1A2B3C4D
_MIN_BLOCK = 12
#: No writer makes larger blocks; a length above is damage, not a reason to wait for more bytes.
_MAX_BLOCK = 1 << 26

_END_OF_OPTIONS = 0
_COMMENT = 1
_SECTION_HARDWARE, _SECTION_OS, _SECTION_APPLICATION = 2, 3, 4
_IF_NAME, _IF_DESCRIPTION, _IF_TSRESOL, _IF_TSOFFSET = 2, 3, 9, 14
_EPB_FLAGS = 2
_ISB_IFRECV, _ISB_IFDROP = 4, 5

_INBOUND, _OUTBOUND = 1, 2
_NANOSECONDS = 9

_BLOCK_START = Struct("<II")
_BLOCK_END = Struct("<I")
_SECTION_START = Struct("<IHHq")
#: A palindrome, so that a section is found before its byte order is known.
_SECTION_BYTES = _BLOCK_END.pack(_SECTION)
_OPTION_START = Struct("<HH")
#: Of an enhanced packet block: type, length, interface, t high and low, captured length, length.
PACKET_START = Struct("<IIIIIII")
_PACKET_END = Struct("<HHIII")
_PADDING = (b"", bytes(3), bytes(2), bytes(1))


@dataclass(frozen=True, slots=True)
class Section:
    """The start of a section; interfaces count from 0 again."""

    hardware: str = ""
    os: str = ""
    application: str = ""


@dataclass(frozen=True, slots=True)
class InterfaceDescription:
    """``resolution`` is the ticks of its time stamps in a second, ``offset`` is in seconds."""

    index: int
    name: str = ""
    description: str = ""
    linktype: int = LINKTYPE_ETHERNET
    snaplen: int = 0
    resolution: int = 1_000_000
    offset: int = 0

    def nanoseconds(self, ticks: int) -> int:
        return ticks * 1_000_000_000 // self.resolution + self.offset * 1_000_000_000


@dataclass(frozen=True, slots=True)
class Frame:
    """``t`` is nanoseconds since 1970, ``length`` what was on the wire.

    ``outbound`` is None where the file does not say.
    """

    interface: InterfaceDescription
    t: int
    data: bytes
    length: int
    outbound: bool | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Statistics:
    """Packets that an interface received for the capture and dropped of them, if known."""

    interface: InterfaceDescription
    t: int
    received: int | None = None
    dropped: int | None = None


Block: TypeAlias = Section | InterfaceDescription | Frame | Statistics


def section_header(*, hardware: str = "", os: str = "", application: str = "") -> bytes:
    """The block that every file starts with."""
    fixed = _SECTION_START.pack(_BYTE_ORDER_MAGIC, 1, 0, -1)
    options = (
        _text_option(_SECTION_HARDWARE, hardware)
        + _text_option(_SECTION_OS, os)
        + _text_option(_SECTION_APPLICATION, application)
    )
    return _block(_SECTION, fixed, options)


def interface_description(name: str, *, description: str = "", snaplen: int = 0) -> bytes:
    """An Ethernet interface; the first of a section has index 0. ``snaplen`` 0 is no limit."""
    fixed = Struct("<HHI").pack(LINKTYPE_ETHERNET, 0, snaplen)
    options = (
        _text_option(_IF_NAME, name)
        + _text_option(_IF_DESCRIPTION, description)
        + _option(_IF_TSRESOL, bytes((_NANOSECONDS,)))
    )
    return _block(_INTERFACE, fixed, options)


def enhanced_packet(
    interface: int, t: int, frame: bytes, length: int, *, outbound: bool, comment: str = ""
) -> bytes:
    """One frame at interface number ``interface``, ``length`` bytes long on the wire."""
    extra = _text_option(_COMMENT, comment) if comment else b""
    total, end = packet_end(len(frame), outbound=outbound, options=extra)
    start = PACKET_START.pack(
        ENHANCED_PACKET, total, interface, t >> 32, t & 0xFFFFFFFF, len(frame), length
    )
    return b"".join((start, frame, end))


def packet_end(captured: int, *, outbound: bool, options: bytes = b"") -> tuple[int, bytes]:
    """An enhanced packet block's length, and what follows its ``captured`` bytes of frame.

    ``options`` come before that which says the direction.
    """
    padding = _PADDING[captured & 3]
    total = PACKET_START.size + captured + len(padding) + len(options) + _PACKET_END.size
    direction = _OUTBOUND if outbound else _INBOUND
    return total, padding + options + _PACKET_END.pack(_EPB_FLAGS, 4, direction, 0, total)


def interface_statistics(interface: int, t: int, *, received: int, dropped: int) -> bytes:
    """What the capture at ``interface`` saw and lost up to ``t``, in packets."""
    fixed = Struct("<III").pack(interface, t >> 32, t & 0xFFFFFFFF)
    options = _option(_ISB_IFRECV, received.to_bytes(8, "little")) + _option(
        _ISB_IFDROP, dropped.to_bytes(8, "little")
    )
    return _block(_STATISTICS, fixed, options)


def read(stream: BinaryIO) -> Iterator[Block]:
    """The blocks of a file, up to its end or to a block that a killed writer left unfinished.

    Raises ParseError where the file is no pcapng or is damaged.
    """
    reader = Reader()
    while chunk := stream.read(1 << 18):
        yield from reader.feed(chunk)


class Reader:
    """Reads a file that may still grow: feed it what is new, it keeps what is unfinished."""

    def __init__(self) -> None:
        self._rest = b""
        self._order: _ByteOrder | None = None
        self._interfaces: list[InterfaceDescription] = []

    def feed(self, data: bytes) -> list[Block]:
        """The blocks that ``data`` completes, in their order; ParseError for damaged ones."""
        buffer = self._rest + data if self._rest else data
        blocks: list[Block] = []
        offset = 0
        while len(buffer) - offset >= _MIN_BLOCK:
            order = self._order = self._order_at(buffer, offset)
            kind, size = order.block_start.unpack_from(buffer, offset)
            if size < _MIN_BLOCK or size % 4 or size > _MAX_BLOCK:
                raise ParseError(f"pcapng block has the impossible length {size}")
            if offset + size > len(buffer):
                break
            body = buffer[offset + 8 : offset + size - 4]
            try:
                block = self._block(order, kind, body)
            except struct.error:
                raise ParseError(f"pcapng block of type {kind} is too short") from None
            if block is not None:
                blocks.append(block)
            offset += size
        self._rest = buffer[offset:]
        return blocks

    def _order_at(self, buffer: bytes, offset: int) -> _ByteOrder:
        if buffer.startswith(_SECTION_BYTES, offset):
            magic = buffer[offset + 8 : offset + 12]
            for order in _BYTE_ORDERS:
                if magic == order.magic:
                    return order
            raise ParseError("pcapng section header has no byte-order magic")
        if self._order is None:
            raise ParseError("not a pcapng file: it does not start with a section header")
        return self._order

    def _block(self, order: _ByteOrder, kind: int, body: bytes) -> Block | None:
        if kind == ENHANCED_PACKET:
            return self._frame(order, body)
        if kind == _SECTION:
            self._interfaces.clear()
            return _section(order, body)
        if kind == _INTERFACE:
            self._interfaces.append(_interface(order, body, len(self._interfaces)))
            return self._interfaces[-1]
        if kind == _STATISTICS:
            return self._statistics(order, body)
        return None

    def _frame(self, order: _ByteOrder, body: bytes) -> Frame:
        number, high, low, captured, length = order.packet.unpack_from(body)
        end = order.packet.size + captured
        if end > len(body):
            raise ParseError(f"pcapng packet of {captured} bytes is longer than its block")
        interface = self._interface(number)
        options = order.options(body[end + (-captured & 3) :])
        flags = order.number(options.get(_EPB_FLAGS, b"")) & 3
        return Frame(
            interface,
            interface.nanoseconds(high << 32 | low),
            body[order.packet.size : end],
            length,
            {_INBOUND: False, _OUTBOUND: True}.get(flags),
            _text(options, _COMMENT),
        )

    def _statistics(self, order: _ByteOrder, body: bytes) -> Statistics:
        number, high, low = order.statistics.unpack_from(body)
        interface = self._interface(number)
        options = order.options(body[order.statistics.size :])
        received, dropped = options.get(_ISB_IFRECV), options.get(_ISB_IFDROP)
        return Statistics(
            interface,
            interface.nanoseconds(high << 32 | low),
            None if received is None else order.number(received),
            None if dropped is None else order.number(dropped),
        )

    def _interface(self, number: int) -> InterfaceDescription:
        if number >= len(self._interfaces):
            raise ParseError(f"pcapng interface {number} is used but not described")
        return self._interfaces[number]


class _ByteOrder:
    """How one of the two byte orders of a section reads."""

    def __init__(self, name: Literal["little", "big"]) -> None:
        sign = "<" if name == "little" else ">"
        self.name = name
        self.magic = _BYTE_ORDER_MAGIC.to_bytes(4, name)
        self.block_start = Struct(sign + "II")
        self.interface = Struct(sign + "HHI")
        self.packet = Struct(sign + "IIIII")
        self.statistics = Struct(sign + "III")
        self._option = Struct(sign + "HH")

    def number(self, data: bytes) -> int:
        return int.from_bytes(data, self.name)

    def options(self, data: bytes) -> dict[int, bytes]:
        """The first of each kind of options, up to the end or the first that is cut short."""
        found: dict[int, bytes] = {}
        offset = 0
        while offset + 4 <= len(data):
            kind, size = self._option.unpack_from(data, offset)
            offset += 4
            if kind == _END_OF_OPTIONS or offset + size > len(data):
                break
            found.setdefault(kind, data[offset : offset + size])
            offset += size + (-size & 3)
        return found


_BYTE_ORDERS = (_ByteOrder("little"), _ByteOrder("big"))


def _section(order: _ByteOrder, body: bytes) -> Section:
    options = order.options(body[_SECTION_START.size :])
    return Section(
        _text(options, _SECTION_HARDWARE),
        _text(options, _SECTION_OS),
        _text(options, _SECTION_APPLICATION),
    )


def _interface(order: _ByteOrder, body: bytes, index: int) -> InterfaceDescription:
    linktype, _, snaplen = order.interface.unpack_from(body)
    options = order.options(body[order.interface.size :])
    exponent = (options.get(_IF_TSRESOL) or b"\x06")[0]
    return InterfaceDescription(
        index,
        _text(options, _IF_NAME),
        _text(options, _IF_DESCRIPTION),
        linktype,
        snaplen,
        2 ** (exponent & 0x7F) if exponent & 0x80 else 10**exponent,
        order.number(options.get(_IF_TSOFFSET, b"")),
    )


def _text(options: dict[int, bytes], kind: int) -> str:
    return options.get(kind, b"").decode("utf-8", "replace")


def _block(kind: int, fixed: bytes, options: bytes) -> bytes:
    body = fixed + options + bytes(4)
    total = len(body) + _MIN_BLOCK
    return _BLOCK_START.pack(kind, total) + body + _BLOCK_END.pack(total)


def _option(kind: int, data: bytes) -> bytes:
    return _OPTION_START.pack(kind, len(data)) + data + bytes(-len(data) & 3)


def _text_option(kind: int, text: str) -> bytes:
    return _option(kind, text.encode()) if text else b""
