"""Which connection or listener a segment is for, and which ports are free (RFC 9293, 3.4)."""

from __future__ import annotations

import errno
import random
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from zlib import crc32

from netlab.stack.ports import LocalPorts
from netlab.stack.tcp import bindings
from netlab.stack.tcp.bindings import Binding
from netlab.stack.tcp.pair import Pair

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

    __slots__ = ("_bindings", "_connections", "_listeners", "_ports", "_random", "ports")

    def __init__(self, source: random.Random, ports: LocalPorts) -> None:
        self.ports = ports
        self._random = source
        self._connections: dict[Pair, Connection] = {}
        #: More than one where they share a port by SO_REUSEPORT.
        self._listeners: dict[tuple[bytes | None, int], list[Listener]] = {}
        #: By port: connections, and what programs have bound.
        self._ports: dict[int, dict[Connection, None]] = {}
        self._bindings: dict[int, list[Binding]] = {}

    def __len__(self) -> int:
        return len(self._connections)

    def __iter__(self) -> Iterator[Connection]:
        return iter(self._connections.values())

    def connection(self, pair: Pair) -> Connection | None:
        return self._connections.get(pair)

    def listener(self, pair: Pair) -> Listener | None:
        """Of those that share a port, always the same one for the same peer."""
        port = pair.local_port
        for address in (pair.local, bytes(len(pair.local)), None):
            found = self._listeners.get((address, port))
            if found:
                return found[0] if len(found) == 1 else found[_chosen(pair, len(found))]
        return None

    @property
    def listeners(self) -> tuple[Listener, ...]:
        return tuple(each for sharers in self._listeners.values() for each in sharers)

    @property
    def is_full(self) -> bool:
        return len(self._connections) >= LIMIT

    def add(self, connection: Connection) -> None:
        self._connections[connection.pair] = connection
        self._ports.setdefault(connection.pair.local_port, {})[connection] = None

    def remove(self, connection: Connection) -> None:
        if self._connections.pop(connection.pair, None) is None:
            return
        port = connection.pair.local_port
        del self._ports[port][connection]
        if not self._ports[port]:
            del self._ports[port]

    def add_listener(self, listener: Listener) -> None:
        """OSError with EADDRINUSE if one listens there that does not share."""
        binding = listener.binding
        self._check(binding, beside=[b for b in self._bound(binding.port) if b.listens])
        binding.listens = True
        self._listeners.setdefault((binding.address, binding.port), []).append(listener)

    def remove_listener(self, listener: Listener) -> None:
        key = (listener.binding.address, listener.binding.port)
        sharers = self._listeners.get(key, [])
        if listener in sharers:
            sharers.remove(listener)
            if not sharers:
                del self._listeners[key]
        self.unbind(listener.binding)

    def bind(self, binding: Binding) -> None:
        """Take a port, one that is free if it is 0; OSError with EADDRINUSE."""
        if not binding.port:
            binding.port = self._free_port()
        self._check(binding, beside=self._bound(binding.port))
        self._check(binding, beside=map(bindings.of_connection, self._ports.get(binding.port, ())))
        self._bindings.setdefault(binding.port, []).append(binding)

    def unbind(self, binding: Binding) -> None:
        """Harmless when done before."""
        bound = self._bindings.get(binding.port, [])
        if binding in bound:
            bound.remove(binding)
            if not bound:
                del self._bindings[binding.port]

    def ephemeral_port(self, local: bytes, remote: bytes, remote_port: int) -> int:
        """A port whose pair with the peer is free, and that no program has bound."""
        for port in self.ports.candidates(self._random):
            taken = Pair(local, port, remote, remote_port) in self._connections
            if not taken and port not in self._bindings:
                return port
        raise OSError(errno.EADDRNOTAVAIL, "all ephemeral ports to this peer are in use")

    def _bound(self, port: int) -> list[Binding]:
        return self._bindings.get(port, [])

    @staticmethod
    def _check(binding: Binding, beside: Iterable[Binding]) -> None:
        if any(other is not binding and binding.excludes(other) for other in beside):
            raise OSError(errno.EADDRINUSE, f"port {binding.port} is in use")

    def _free_port(self) -> int:
        for port in self.ports.candidates(self._random):
            if port not in self._bindings and port not in self._ports:
                return port
        raise OSError(errno.EADDRINUSE, "all ephemeral ports are in use")


def _chosen(pair: Pair, sharers: int) -> int:
    key = b"".join((pair.local, pair.remote, pair.remote_port.to_bytes(2, "big")))
    return crc32(key) % sharers
