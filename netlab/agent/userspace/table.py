"""The sockets of a host of the userspace stack, as a socket table has them."""

from __future__ import annotations

from collections.abc import Iterator

from netlab.collect.table import WITHOUT_WINDOW, Socket
from netlab.stack.host import Host
from netlab.stack.tcp.connection import Connection
from netlab.stack.tcp.info import info
from netlab.stack.tcp.pair import Pair
from netlab.wire.address import socket_endpoint
from netlab.wire.tcp_info import TcpInfo

_UNBOUND = socket_endpoint(b"", 0)


class StackTable:
    """Fulfils ``netlab.collect.table.InfoTable``."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def read(self) -> list[Socket]:
        return [*self._listeners(), *map(_of_connection, self._host.tcp.sockets), *self._udp()]

    def read_info(self) -> Iterator[tuple[Socket, TcpInfo]]:
        for connection in self._host.tcp.sockets:
            if connection.state.value not in WITHOUT_WINDOW:
                yield _of_connection(connection), info(connection)

    def _listeners(self) -> Iterator[Socket]:
        for listener in self._host.tcp.sockets.listeners:
            local = socket_endpoint(listener.binding.address or b"", listener.binding.port)
            yield Socket("tcp", local, _UNBOUND, "LISTEN")

    def _udp(self) -> Iterator[Socket]:
        for each in self._host.udp.ports:
            local = socket_endpoint(each.local, each.port)
            foreign = socket_endpoint(each.peer or b"", each.remote_port)
            state = "UNCONNECTED" if each.peer is None else "ESTABLISHED"
            yield Socket("udp", local, foreign, state)


def _of_connection(connection: Connection) -> Socket:
    return Socket("tcp", *ends(connection.pair), connection.state.value)


def ends(pair: Pair) -> tuple[str, str]:
    """Both, as events write endpoints."""
    local = socket_endpoint(pair.local, pair.local_port)
    return local, socket_endpoint(pair.remote, pair.remote_port)
