"""A container that is played: what the engine passes on of its streams is the test's."""

from __future__ import annotations

import contextlib
import socket
import struct

OUTPUT, ERRORS = 1, 2


class PlayedContainer:
    """Its own end of the streams; ``connection`` is the one that the engine gives."""

    def __init__(self) -> None:
        ours, self.streams = socket.socketpair()
        self.streams.settimeout(20)
        self.connection = _Connection(ours)

    def print(self, data: bytes, to: int = OUTPUT) -> None:
        """As the engine passes on what a container prints."""
        self.streams.sendall(struct.pack("!BxxxI", to, len(data)) + data)

    def end(self) -> None:
        self.streams.close()


class _Connection:
    def __init__(self, own: socket.socket) -> None:
        self._own = own

    def recv(self, size: int, /) -> bytes:
        return self._own.recv(size)

    def sendall(self, data: bytes, /) -> None:
        self._own.sendall(data)

    def end_input(self) -> None:
        self._own.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        with contextlib.suppress(OSError):  # the container may have ended first
            self._own.shutdown(socket.SHUT_RDWR)
        self._own.close()
