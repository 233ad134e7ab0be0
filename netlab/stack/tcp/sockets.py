"""Which connection or listener a segment is for, and which ports are free (RFC 9293, 3.4)."""

from __future__ import annotations

import errno
import random
from collections.abc import Iterator
from typing import TYPE_CHECKING

from netlab.stack.tcp.pair import Pair
from netlab.stack.tcp.profile import Profile

if TYPE_CHECKING:
    from netlab.stack.tcp.connection import Connection
    from netlab.stack.tcp.listener import Listener

#: Connections of one host, TIME_WAIT included; more of them are refused with ENOBUFS.
LIMIT = 65536


class Sockets:
    """All connections and listeners.

    A segment is for the connection of its pair, else for the listener on its address, else for
    the one on all addresses of its family, else for the one on all there are.
    """

    __slots__ = ("_connections", "_listeners", "_ports", "_profile", "_random")

    def __init__(self, source: random.Random, profile: Profile) -> None:
        self._random = source
        self._profile = profile
        self._connections: dict[Pair, Connection] = {}
        self._listeners: dict[tuple[bytes | None, int], Listener] = {}
        self._ports: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._connections)

    def __iter__(self) -> Iterator[Connection]:
        return iter(self._connections.values())

    def connection(self, pair: Pair) -> Connection | None:
        return self._connections.get(pair)

    def listener(self, pair: Pair) -> Listener | None:
        port = pair.local_port
        for address in (pair.local, bytes(len(pair.local)), None):
            listener = self._listeners.get((address, port))
            if listener is not None:
                return listener
        return None

    @property
    def listeners(self) -> tuple[Listener, ...]:
        return tuple(self._listeners.values())

    @property
    def is_full(self) -> bool:
        return len(self._connections) >= LIMIT

    def add(self, connection: Connection) -> None:
        self._connections[connection.pair] = connection
        port = connection.pair.local_port
        self._ports[port] = self._ports.get(port, 0) + 1

    def remove(self, connection: Connection) -> None:
        if self._connections.pop(connection.pair, None) is None:
            return
        port = connection.pair.local_port
        self._ports[port] -= 1
        if not self._ports[port]:
            del self._ports[port]

    def add_listener(self, listener: Listener) -> None:
        """OSError with EADDRINUSE if one listens there already (MUST-42 allows any others)."""
        key = (listener.address, listener.port)
        if key in self._listeners:
            raise OSError(errno.EADDRINUSE, f"port {listener.port} has a listener")
        self._listeners[key] = listener

    def remove_listener(self, listener: Listener) -> None:
        self._listeners.pop((listener.address, listener.port), None)

    def free_port(self) -> int:
        """A port that nothing uses; OSError with EADDRINUSE if there is none."""
        listening = {port for _, port in self._listeners}
        for port in self._candidates():
            if port not in listening and port not in self._ports:
                return port
        raise OSError(errno.EADDRINUSE, "all ephemeral ports are in use")

    def ephemeral_port(self, local: bytes, remote: bytes, remote_port: int) -> int:
        """A port whose pair with the peer is free (RFC 6056, 3.3.1)."""
        for port in self._candidates():
            taken = Pair(local, port, remote, remote_port) in self._connections
            if not taken and (None, port) not in self._listeners:
                return port
        raise OSError(errno.EADDRNOTAVAIL, "all ephemeral ports to this peer are in use")

    def _candidates(self) -> Iterator[int]:
        """All ports of the range, from a random one on."""
        first, last = self._profile.ephemeral_ports
        start = self._random.randint(first, last)
        yield from range(start, last + 1)
        yield from range(first, start)
