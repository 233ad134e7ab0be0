"""Which UDP socket has which port, and which one a datagram is for.

TCP looks at all four numbers; UDP at the local two, and at the peer's only where the socket is
connected. The socket that says most about a datagram gets it.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from zlib import crc32

from netlab.stack.failure import failure
from netlab.stack.ip.layer import Ip
from netlab.stack.ports import LocalPorts
from netlab.stack.udp.socket import UdpSocket


class Ports:
    __slots__ = ("_connected", "_ip", "_local", "_sockets")

    def __init__(self, ip: Ip, local: LocalPorts) -> None:
        self._ip = ip
        self._local = local
        #: By port, in the order in which they were bound.
        self._sockets: dict[int, list[UdpSocket]] = {}
        #: By local address and port, and the peer's.
        self._connected: dict[tuple[bytes, int, bytes, int], UdpSocket] = {}

    def __iter__(self) -> Iterator[UdpSocket]:
        """All sockets that have a port, by port and in the order in which they got it."""
        for port in sorted(self._sockets):
            yield from self._sockets[port]

    def __len__(self) -> int:
        return sum(map(len, self._sockets.values()))

    def bind(self, socket: UdpSocket, local: bytes, port: int) -> None:
        """OSError(EADDRINUSE), also when every ephemeral port is taken."""
        if port == 0:
            port = self._free_port(socket, local)
        elif self._is_taken(socket, local, port):
            port = 0
        if port == 0:
            raise failure(errno.EADDRINUSE)
        socket.local, socket.port = local, port
        self._sockets.setdefault(port, []).append(socket)

    def bind_any(self, socket: UdpSocket) -> None:
        """Before the first datagram; OSError(EAGAIN) when every ephemeral port is taken."""
        try:
            self.bind(socket, socket.local, 0)
        except OSError:
            raise failure(errno.EAGAIN) from None

    def connect(self, socket: UdpSocket, local: bytes, peer: bytes, port: int) -> None:
        self._forget_connection(socket)
        socket.local, socket.peer, socket.remote_port = local, peer, port
        self._connected.setdefault((local, socket.port, peer, port), socket)

    def disconnect(self, socket: UdpSocket) -> None:
        self._forget_connection(socket)
        socket.local = socket.wire(socket.address)
        socket.peer, socket.remote_port = None, 0

    def release(self, socket: UdpSocket) -> None:
        self._forget_connection(socket)
        bound = self._sockets.get(socket.port, [])
        if socket in bound:
            bound.remove(socket)
            if not bound:
                del self._sockets[socket.port]

    def find(
        self, local: bytes, port: int, peer: bytes, peer_port: int, interface: str | None = None
    ) -> UdpSocket | None:
        """The one socket for a datagram.

        Of equals the last one bound, or, of those that share a port by SO_REUSEPORT, always the
        same one for the same peer.
        """
        connected = self._connected.get((local, port, peer, peer_port))
        if connected is not None and interface in {None, connected.interface or interface}:
            return connected
        best, found = 0, list[UdpSocket]()
        for socket in self._sockets.get(port, ()):
            score = _score(socket, local, peer, peer_port, interface)
            if score > best:
                best, found = score, [socket]
            elif score == best > 0:
                found.append(socket)
        if not found:
            return None
        if len(found) > 1 and found[-1].settings.reuse_port:
            key = b"".join((local, peer, peer_port.to_bytes(2, "big")))
            return found[crc32(key) % len(found)]
        return found[-1]

    def find_all(
        self, local: bytes, port: int, peer: bytes, peer_port: int, interface: str
    ) -> list[UdpSocket]:
        """Every socket for a datagram that was sent to many."""
        return [
            socket
            for socket in self._sockets.get(port, ())
            if _score(socket, local, peer, peer_port, interface)
        ]

    def _forget_connection(self, socket: UdpSocket) -> None:
        if socket.peer is not None:
            key = socket.local, socket.port, socket.peer, socket.remote_port
            if self._connected.get(key) is socket:
                del self._connected[key]

    def _free_port(self, socket: UdpSocket, local: bytes) -> int:
        """0 if there is none."""
        for port in self._local.candidates(self._ip.random):
            if port not in self._sockets or not self._is_taken(socket, local, port, shares=False):
                return port
        return 0

    def _is_taken(self, socket: UdpSocket, local: bytes, port: int, *, shares: bool = True) -> bool:
        mine = socket.settings
        for other in self._sockets.get(port, ()):
            theirs = other.settings
            if shares and (
                (mine.reuse_address and theirs.reuse_address)
                or (mine.reuse_port and theirs.reuse_port)
            ):
                continue
            if None not in {socket.interface, other.interface} and (
                socket.interface != other.interface
            ):
                continue
            if _overlaps(socket, local, other):
                return True
        return False


def _overlaps(socket: UdpSocket, local: bytes, other: UdpSocket) -> bool:
    """Whether some address is meant by both."""
    if any(local) and any(other.local):
        return local == other.local
    if len(local) == len(other.local):
        return True
    wide, narrow = (socket, other.local) if len(local) == 16 else (other, local)
    # The IPv6 one of them is a wildcard that may take IPv4, too.
    is_wide_any = not any(local if wide is socket else other.local)
    return is_wide_any and not wide.settings.only_v6 and len(narrow) == 4


def _score(
    socket: UdpSocket, local: bytes, peer: bytes, peer_port: int, interface: str | None
) -> int:
    """How much a socket says about a datagram; 0: it is not for this socket."""
    if len(local) != len(socket.local):
        mapped = socket.size == 16 and socket.is_wildcard and not socket.settings.only_v6
        if not mapped or socket.peer is not None:
            return 0
        score = 1
    else:
        score = 2
        if not socket.is_wildcard:
            if socket.local != local:
                return 0
            score += 4
    if socket.peer is not None:
        if (socket.peer, socket.remote_port) != (peer, peer_port):
            return 0
        score += 4
    if socket.interface is not None and interface is not None:
        if socket.interface != interface:
            return 0
        score += 4
    return score
