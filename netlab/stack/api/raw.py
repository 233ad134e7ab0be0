"""A raw socket as a program has it."""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import TYPE_CHECKING

from netlab.stack import raw
from netlab.stack.api.driver import Driver
from netlab.stack.api.endpoints import Data, packed
from netlab.stack.failure import failure
from netlab.stack.ip.discovery import PathMtuDiscovery
from netlab.stack.raw import RawDatagram, RawSocket

if TYPE_CHECKING:
    from netlab.stack.api.programs import Programs


def send_packet(driver: Driver, packet: Data, to: str) -> None:
    """A whole IP datagram, whoever it says that it is from; OSError as netlab.stack.raw has it."""
    raw.send_packet(driver.host.ip, driver.now(), bytes(packet), packed(to))
    driver.stirred()


class StackRaw:
    """It sees copies of what comes, and sends what it is told."""

    def __init__(self, programs: Programs, socket: RawSocket) -> None:
        self.socket = socket
        self._waiting = programs.waiting
        self._driver = programs.driver

    def choose(self, accepts: Callable[[RawDatagram], bool]) -> None:
        """What of that which comes is kept, as an ICMP filter does."""
        self.socket.accepts = accepts

    def set_multicast(self, *, hop_limit: int, interface: str) -> None:
        """How far datagrams to groups go, and from where; OSError(ENODEV) for no interface."""
        if interface not in self._driver.host.ip.interfaces:
            raise failure(errno.ENODEV)
        self.socket.multicast_hop_limit = hop_limit
        self.socket.multicast_interface = interface

    def send(
        self,
        data: Data,
        to: str,
        *,
        hop_limit: int | None = None,
        discovery: PathMtuDiscovery = PathMtuDiscovery.WANT,
    ) -> None:
        """ICMPv6 is summed up, other protocols are not (RFC 3542, 3.1)."""
        now, target = self._driver.now(), packed(to)
        self.socket.send(now, bytes(data), target, hop_limit=hop_limit, discovery=discovery)
        self._driver.stirred()

    async def receive(self) -> RawDatagram:
        return await self._waiting.until(self.socket, self.receive_now)

    def receive_now(self) -> RawDatagram:
        """BlockingIOError if nothing is there."""
        found = self.socket.receive()
        if found is None:
            raise BlockingIOError(errno.EAGAIN, "no datagram waits")
        return found

    def close(self) -> None:
        self.socket.close()
        self._waiting.wake(self.socket)
