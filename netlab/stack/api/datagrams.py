"""A socket of UDP as a program has it."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from typing import TYPE_CHECKING

from netlab.stack.api.endpoints import Data, Endpoint, packed, shown
from netlab.stack.failure import failure
from netlab.stack.udp.datagram import HeardError, UdpDatagram
from netlab.stack.udp.settings import UdpSettings
from netlab.stack.udp.socket import UdpSocket
from netlab.wire import address

if TYPE_CHECKING:
    from netlab.stack.api.programs import Programs

_MAPPED = bytes(10) + b"\xff\xff"


@dataclass(frozen=True, slots=True)
class Datagram:
    """``data`` is what the buffer took of ``length`` bytes; ``destination`` may be a group."""

    data: bytes
    sender: Endpoint
    length: int
    destination: str
    interface: str
    hop_limit: int
    traffic_class: int

    @property
    def is_truncated(self) -> bool:
        return len(self.data) < self.length


class StackDatagrams:
    """``settings`` may be changed at any time."""

    def __init__(self, programs: Programs, socket: UdpSocket) -> None:
        self.socket = socket
        self._waiting = programs.waiting
        self._driver = programs.driver

    @property
    def settings(self) -> UdpSettings:
        return self.socket.settings

    @property
    def local(self) -> Endpoint:
        """Of a socket that is connected, the address that its datagrams leave from."""
        return shown(self.socket.shown(self.socket.local), self.socket.port)

    @property
    def remote(self) -> Endpoint:
        if self.socket.peer is None:
            raise failure(errno.ENOTCONN)
        return shown(self.socket.peer, self.socket.remote_port)

    def bind(self, local: Endpoint) -> None:
        self.socket.bind(self._packed(local[0]), local[1])

    def connect(self, remote: Endpoint) -> None:
        self.socket.connect(self._packed(remote[0]), remote[1])

    def disconnect(self) -> None:
        self.socket.disconnect()

    def send(self, data: Data, to: Endpoint | None = None) -> None:
        now = self._driver.now()
        if to is None:
            self.socket.send(now, bytes(data))
        else:
            self.socket.send(now, bytes(data), self._packed(to[0]), to[1])
        self._driver.stirred()

    async def receive(self, size: int = 65535) -> Datagram:
        return await self._waiting.until(self.socket, lambda: self.receive_now(size))

    def receive_now(self, size: int = 65535) -> Datagram:
        found = self.socket.receive(size)
        if found is None:
            raise BlockingIOError(errno.EAGAIN, "no datagram waits")
        return _shown(found)

    async def until_readable(self) -> None:
        """Also when the next call fails."""
        while not self.socket.is_readable and not self.socket.is_closed:
            await self._waiting.event(self.socket)

    def next_error(self) -> HeardError | None:
        """Of the error queue, if ``settings.hear_errors`` fills it."""
        errors = self.socket.errors
        return errors.popleft() if errors else None

    def join(self, group: str, interface: str) -> None:
        self.socket.join(self._driver.now(), packed(group), interface)
        self._driver.stirred()

    def leave(self, group: str, interface: str) -> None:
        self.socket.leave(self._driver.now(), packed(group), interface)
        self._driver.stirred()

    def close(self) -> None:
        self.socket.close(self._driver.now())
        self._driver.stirred()
        self._waiting.wake(self.socket)

    def _packed(self, text: str) -> bytes:
        """A socket of IPv6 has IPv4 addresses mapped (RFC 3493, 3.7)."""
        found = packed(text)
        if self.socket.size == address.IPV6_LENGTH and len(found) == address.IPV4_LENGTH:
            return _MAPPED + found
        return found


def _shown(datagram: UdpDatagram) -> Datagram:
    return Datagram(
        datagram.data,
        shown(datagram.source, datagram.source_port),
        datagram.length,
        shown(datagram.destination, 0)[0],
        datagram.interface,
        datagram.hop_limit,
        datagram.traffic_class,
    )
