"""A program that uses its host's sockets in every way there is, by chance."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from netlab.stack.events import Acceptable
from netlab.stack.host import Host
from netlab.stack.ip.discovery import PathMtuDiscovery
from netlab.stack.tcp.congestion_control import ALGORITHMS
from netlab.stack.tcp.connection import Connection
from netlab.stack.tcp.delayed_ack import Acks
from netlab.stack.tcp.listener import Listener
from netlab.stack.tcp.settings import Keepalive, Settings
from netlab.stack.udp.socket import UdpSocket
from netlab.stack.units import SECOND
from netlab.wire.address import from_text

_Thing = TypeVar("_Thing")

GROUPS = (from_text("239.1.2.3"), from_text("ff15::7"))
#: The last one has no listener.
PORTS = (7, 8, 9)
#: So many sockets of each kind a program has at most.
SOCKETS = 12


@dataclass
class Program:
    """What one host's user has open, and how it uses that: by chance."""

    host: Host
    own: tuple[bytes, bytes]
    peer: tuple[bytes, bytes]
    chance: Random
    listeners: list[Listener] = field(default_factory=list)
    connections: list[Connection] = field(default_factory=list)
    sockets: list[UdpSocket] = field(default_factory=list)

    def act(self, now: int) -> None:
        """One call, that may be refused."""
        calls = (
            self.listen, self.connect, self.connect, self.send, self.send, self.send, self.receive,
            self.receive, self.receive, self.shutdown, self.close, self.abort, self.datagram,
            self.group, self.change_path,
        )  # fmt: skip
        with contextlib.suppress(OSError):
            self.chance.choice(calls)(now)

    def hear(self) -> None:
        """Take the events, and what waits to be accepted."""
        while (event := self.host.next_event()) is not None:
            if isinstance(event, Acceptable) and event.listener.is_open:
                with contextlib.suppress(BlockingIOError):
                    self.connections.append(event.listener.accept())

    def end(self, now: int) -> None:
        for listener in self.listeners:
            listener.close(now)
        for connection in self.connections:
            connection.close(now)
        for socket in self.sockets:
            socket.close(now)

    def listen(self, now: int) -> None:
        backlog = self.chance.choice((1, 2, 100))
        port = self.chance.choice(PORTS[:-1])
        self.listeners.append(
            self.host.tcp.listen(now, port, backlog=backlog, settings=self._settings())
        )

    def connect(self, now: int) -> None:
        self._make_room(now)
        remote, port = self.chance.choice((*self.peer, *self.own)), self.chance.choice(PORTS)
        self.connections.append(self.host.tcp.connect(now, remote, port, settings=self._settings()))

    def send(self, now: int) -> None:
        data = bytes(self.chance.choice((1, 100, 1500, 20_000)))
        self._one().send(now, data, is_urgent=self.chance.random() < 0.1)

    def receive(self, now: int) -> None:
        self._one().receive(now, self.chance.choice((1, 1000, 1 << 20)))

    def shutdown(self, now: int) -> None:
        self._one().shutdown(now)

    def close(self, now: int) -> None:
        self._one().close(now)

    def abort(self, now: int) -> None:
        if self.chance.random() < 0.3:
            self._one().abort(now)

    def datagram(self, now: int) -> None:
        """To the peer, to a group, or to itself; large ones are fragmented."""
        if len(self.sockets) < SOCKETS and self.chance.random() < 0.3:
            v6 = self.chance.random() < 0.5
            socket = self.host.udp.socket(v6=v6)
            socket.bind(bytes(16 if v6 else 4), self.chance.choice((0, *PORTS)))
            self.sockets.append(socket)
        socket = self._a(self.sockets)
        socket.receive()
        to = self.chance.choice(
            [a for a in (*self.peer, *self.own, *GROUPS) if len(a) == socket.size]
        )
        size = self.chance.choice((0, 10, 1400, 1473, 5000))
        socket.send(now, bytes(size), to, self.chance.choice(PORTS))

    def group(self, now: int) -> None:
        group = self.chance.choice(GROUPS)
        socket = self._a(self.sockets)
        if self.chance.random() < 0.5:
            socket.join(now, group, "eth0")
        else:
            socket.leave(now, group, "eth0")

    def change_path(self, _: int) -> None:
        if self.chance.random() < 0.1:
            self.host.ip.set_mtu("eth0", self.chance.choice((1280, 1400, 1500)))

    def _settings(self) -> Settings:
        chance = self.chance
        sizes = (None, None, 1000, 65536)
        return Settings(
            nodelay=chance.random() < 0.3,
            acks=chance.choice(tuple(Acks)),
            path_mtu_discovery=chance.choice(tuple(PathMtuDiscovery)),
            keepalive=Keepalive(SECOND, SECOND, 3) if chance.random() < 0.2 else None,
            user_timeout=5 * SECOND if chance.random() < 0.1 else None,
            linger=0 if chance.random() < 0.1 else None,
            send_buffer=chance.choice(sizes),
            receive_buffer=chance.choice(sizes),
            max_segment=chance.choice((None, None, 88, 536)),
            congestion=chance.choice((None, *sorted(ALGORITHMS))),
            ecn=chance.choice((None, True, False)),
            timestamps=chance.random() < 0.8,
            window_scaling=chance.random() < 0.8,
            sack=chance.random() < 0.8,
            log=chance.random() < 0.1,
        )

    def _one(self) -> Connection:
        return self._a(self.connections)

    def _a(self, some: list[_Thing]) -> _Thing:
        if not some:
            raise BlockingIOError
        return self.chance.choice(some)

    def _make_room(self, now: int) -> None:
        """The oldest goes, and is closed if nobody did."""
        if len(self.connections) >= SOCKETS:
            self.connections.pop(0).close(now)
