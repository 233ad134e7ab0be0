"""The TCP header (RFC 9293, 3.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntFlag
from struct import Struct

from netlab.wire import checksum as internet
from netlab.wire import tcp_options
from netlab.wire.errors import ParseError
from netlab.wire.tcp_options import MalformedOption, Option, OptionT

PROTOCOL = 6
MIN_HEADER_LENGTH = 20
#: What an ICMP error quotes at least: the ports and the sequence number (RFC 792).
QUOTED_LENGTH = 8

_HEADER = Struct("!HHIIBBHHH")
_QUOTED = Struct("!HHI")


class Flags(IntFlag):
    FIN = 0x01
    SYN = 0x02
    RST = 0x04
    PSH = 0x08
    ACK = 0x10
    URG = 0x20
    ECE = 0x40
    CWR = 0x80


#: Every combination by its number: a look-up is much quicker than a call of Flags.
FLAGS = tuple(map(Flags, range(256)))


@dataclass(frozen=True, slots=True)
class Tcp:
    """``options`` are in their order; the four reserved bits are ignored, and sent as zero.

    ``header_length`` (in bytes) and ``checksum`` are as seen on the wire: emit computes them,
    comparison leaves them out.
    """

    source_port: int
    destination_port: int
    sequence: int = 0
    acknowledgment: int = 0
    flags: Flags = FLAGS[0]
    window: int = 0
    urgent_pointer: int = 0
    options: tuple[Option, ...] = ()
    header_length: int = field(default=MIN_HEADER_LENGTH, compare=False)
    checksum: int = field(default=0, compare=False)

    def has(self, flags: Flags) -> bool:
        """Whether all of ``flags`` are set."""
        # Flags' own operator takes several times as long, and this is asked most of all.
        return int.__and__(self.flags, flags) == flags

    def option(self, kind: type[OptionT]) -> OptionT | None:
        """The first option of a class of netlab.wire.tcp_options."""
        for option in self.options:
            if isinstance(option, kind):
                return option
        return None

    @property
    def padding(self) -> int:
        """Bytes from the end of the option list on, which itself is not one of ``options``."""
        taken = sum(len(option.emit()) for option in self.options)
        return self.header_length - MIN_HEADER_LENGTH - taken

    @property
    def option_kinds(self) -> tuple[int, ...]:
        """In their order, with that of the end of the option list."""
        kinds = tuple(option.emit()[0] for option in self.options)
        return (*kinds, tcp_options.END_OF_OPTIONS) if self.padding else kinds

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with the options."""
        return tuple(o.problem for o in self.options if isinstance(o, MalformedOption))

    def emit(self, payload: bytes, source: bytes, destination: bytes) -> bytes:
        """The segment between two addresses, which its checksum covers.

        ValueError if the options need more than 40 bytes.
        """
        segment = self.emit_header() + payload
        pseudo = internet.pseudo_header(source, destination, PROTOCOL, len(segment))
        value = internet.checksum(segment, pseudo)
        return b"".join((segment[:16], value.to_bytes(2, "big"), segment[18:]))

    def emit_header(self) -> bytes:
        """The header with a checksum of zero; ValueError as emit."""
        options = tcp_options.emit(self.options) if self.options else b""
        if len(options) > 40:
            raise ValueError(f"tcp options of {len(options)} bytes do not fit into 40")
        header: bytes = _HEADER.pack(
            self.source_port,
            self.destination_port,
            self.sequence,
            self.acknowledgment,
            0x50 + (len(options) << 2),
            self.flags,
            self.window,
            0,
            self.urgent_pointer,
        )
        return header + options


def parse(buffer: bytes | memoryview, offset: int = 0, end: int | None = None) -> tuple[Tcp, int]:
    """The header between ``offset`` and ``end``, and the offset of its payload."""
    available = (len(buffer) if end is None else end) - offset
    if available < MIN_HEADER_LENGTH:
        raise ParseError(f"tcp header needs 20 bytes, there are {available}")
    source, destination, sequence, acknowledgment, start, flags, window, check, urgent = (
        _HEADER.unpack_from(buffer, offset)
    )
    size = start >> 4 << 2
    options: tuple[Option, ...] = ()
    if size != MIN_HEADER_LENGTH:
        if size < MIN_HEADER_LENGTH:
            raise ParseError(f"tcp data offset {size} is less than 20")
        if size > available:
            raise ParseError(f"tcp header needs {size} bytes, there are {available}")
        options = tcp_options.parse(bytes(buffer[offset + MIN_HEADER_LENGTH : offset + size]))
    header = Tcp(
        source,
        destination,
        sequence,
        acknowledgment,
        FLAGS[flags],
        window,
        urgent,
        options,
        size,
        check,
    )
    return header, offset + size


def parse_quoted(buffer: bytes | memoryview, offset: int, end: int) -> tuple[Tcp, int]:
    """The first 8 bytes of a header that an ICMP error quotes; all other fields are zero."""
    if end - offset < QUOTED_LENGTH:
        raise ParseError(f"quoted tcp header needs 8 bytes, there are {end - offset}")
    return Tcp(*_QUOTED.unpack_from(buffer, offset)), end
