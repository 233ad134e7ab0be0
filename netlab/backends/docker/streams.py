"""The streams of a container's process, as the engine gives them over one connection."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
from collections.abc import Iterator
from typing import Any, Protocol

from netlab.backends.docker.frames import Frames

PIECE = 1 << 18

STANDARD_OUTPUT, STANDARD_ERROR = 1, 2

#: The engine puts this before each piece of output without a terminal: the stream, its length.
_HEADER = struct.Struct("!BxxxI")


class Connection(Protocol):
    """What the engine gives: a socket, or what speaks for one over TLS or ssh."""

    def recv(self, size: int, /) -> bytes: ...

    def sendall(self, data: bytes, /) -> None: ...

    def end_input(self) -> None:
        """Say that nothing more will be sent; what comes is still received."""

    def close(self) -> None: ...


def pieces(connection: Connection) -> Iterator[tuple[int, bytes]]:
    """(STANDARD_OUTPUT or STANDARD_ERROR, what was printed there), until the process ends."""
    frames = Frames(_HEADER)
    while data := connection.recv(PIECE):
        yield from frames.feed(data)


def terminal_pieces(connection: Connection) -> Iterator[tuple[int, bytes]]:
    """Likewise of a process that has a terminal, for which there is one stream."""
    while data := connection.recv(PIECE):
        yield STANDARD_OUTPUT, data


class Socket:
    """A connection to the engine, hijacked for a container's streams."""

    def __init__(self, raw: Any) -> None:
        self._response = raw
        self._socket = getattr(raw, "_sock", raw)
        with contextlib.suppress(AttributeError):
            self._socket.settimeout(None)
        # Who has read the header of the engine's answer may have read more than that.
        self._reader = None
        with contextlib.suppress(AttributeError):
            self._reader = raw._response.raw._fp.fp  # noqa: SLF001 - the SDK gives no other way

    def recv(self, size: int, /) -> bytes:
        return bytes(self._reader.read1(size) if self._reader else self._socket.recv(size))

    def end_input(self) -> None:
        if hasattr(self._socket, "proc"):  # ssh, in a process of its own
            self._socket.proc.stdin.close()
        elif not isinstance(self._socket, ssl.SSLSocket):  # TLS has no half close in Python
            self._socket.shutdown(socket.SHUT_WR)

    def sendall(self, data: bytes, /) -> None:
        self._socket.sendall(data)

    def close(self) -> None:
        with contextlib.suppress(OSError, AttributeError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
