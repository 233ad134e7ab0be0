"""The streams of a container's process, as the engine gives them over one connection."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Protocol

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
    received = bytearray()
    while data := connection.recv(PIECE):
        received += data
        start = 0
        while len(received) - start >= _HEADER.size:
            stream, size = _HEADER.unpack_from(received, start)
            end = start + _HEADER.size + size
            if len(received) < end:
                break
            yield stream, bytes(received[start + _HEADER.size : end])
            start = end
        del received[:start]


def terminal_pieces(connection: Connection) -> Iterator[tuple[int, bytes]]:
    """Likewise of a process that has a terminal, for which there is one stream."""
    while data := connection.recv(PIECE):
        yield STANDARD_OUTPUT, data
