"""What a client does with its sockets."""

from __future__ import annotations

from dataclasses import dataclass

from netlab.topology.options import SocketOptions
from netlab.topology.steps.base import NodeStep


@dataclass(frozen=True, slots=True)
class Payload:
    """What to send: text or hexadecimal digits, or ``size`` bytes made from the lab's seed."""

    size: int
    text: str | None = None
    hex: str | None = None

    @property
    def given(self) -> bytes | None:
        if self.hex is not None:
            return bytes.fromhex(self.hex)
        return None if self.text is None else self.text.encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """How messages are told apart in a stream; one of the three is given."""

    size: int | None = None
    until: str | None = None
    prefix: int | None = None

    def refusal(self, payload: Payload) -> str | None:
        """Why a message cannot be framed like this."""
        size, given = payload.size, payload.given
        if self.size is not None and size > self.size:
            return f"{size} bytes do not fit into {self.size}"
        if self.until is not None and given is None:
            return f"bytes made from the seed may have {self.until!r} in them: send a text"
        if self.until is not None and given is not None and self.until.encode() in given:
            return f"there is {self.until!r} in it, which ends a message"
        if self.prefix is not None and size >= 256**self.prefix:
            return f"{size} bytes are more than a length of {self.prefix} bytes can say"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connect(NodeStep):
    """Open a TCP connection or connect a UDP socket, and call it ``name``.

    ``process`` names a child process of the node's agent that holds the socket, so that a later
    Exit or Kill can end it.
    """

    name: str
    transport: str
    host: str
    address: str
    port: int
    local_address: str | None = None
    local_port: int | None = None
    process: str | None = None
    unprivileged: bool = False
    options: SocketOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Open(NodeStep):
    """Open an unconnected UDP socket and call it ``name``."""

    name: str
    local_address: str | None = None
    local_port: int | None = None
    process: str | None = None
    unprivileged: bool = False
    options: SocketOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOptions(NodeStep):
    name: str
    options: SocketOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Send(NodeStep):
    """``more`` holds the data back to share a segment with what follows (MSG_MORE).

    ``urgent``: the last byte is urgent (MSG_OOB).
    """

    name: str
    payload: Payload
    to: tuple[str, int] | None = None
    more: bool = False
    urgent: bool = False
    framed: Framing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receive(NodeStep):
    """Read ``size`` bytes, one datagram, one message, or to the peer's FIN.

    ``expected_text`` must come.
    ``by`` bytes at most are read at once, ``every`` seconds. ``urgent``: the urgent byte, inline
    behind what comes before it. ``nothing``: the step's time passes, and neither data nor an end
    nor an error comes.
    """

    name: str
    size: int | None = None
    expected_text: str | None = None
    to_eof: bool = False
    datagram: bool = False
    urgent: bool = False
    room: int | None = None  # a datagram longer than this is cut
    nothing: bool = False
    by: int | None = None
    every: float = 0.0
    framed: Framing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(NodeStep):
    """``times`` times: send ``payload``, read ``reply`` bytes, think for ``think`` seconds."""

    name: str
    payload: Payload
    reply: int
    times: int = 1
    think: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shutdown(NodeStep):
    """Half close: send FIN, go on receiving."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(NodeStep):
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset(NodeStep):
    """Close at once: RST, and whatever was not sent is lost."""

    name: str
