"""The sockets that a program has open, which end with it."""

from __future__ import annotations

from typing import Protocol


class Endable(Protocol):
    def end(self) -> None:
        """As the kernel closes a dead program's socket: nobody waits for the peer."""


class Opened:
    """In the order in which they were opened: every run is to be the same."""

    def __init__(self) -> None:
        self._sockets: dict[Endable, None] = {}

    def __len__(self) -> int:
        return len(self._sockets)

    def add(self, socket: Endable) -> None:
        self._sockets[socket] = None

    def forget(self, socket: Endable) -> None:
        self._sockets.pop(socket, None)

    def end(self) -> None:
        for socket in list(self._sockets):
            socket.end()
