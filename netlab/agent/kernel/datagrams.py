"""A UDP socket of the kernel's."""

from __future__ import annotations

import socket

from netlab.agent.kernel import groups, sockets, waiting
from netlab.agent.kernel.handle import KernelSocket
from netlab.agent.network import Data, Datagram, Endpoint


class KernelDatagrams(KernelSocket):
    async def send(self, data: Data, to: Endpoint | None = None) -> None:
        while True:
            try:
                if to is None:
                    self._socket.send(data)
                else:
                    self._socket.sendto(data, to)
            except BlockingIOError:
                await waiting.until_writable(self._socket)
            else:
                return

    async def receive(self, room: int) -> Datagram:
        while True:
            try:
                return self.receive_now(room)
            except BlockingIOError:
                await self.until_readable()

    def receive_now(self, room: int) -> Datagram:
        buffer = bytearray(room)
        length, _, _, sender = self._socket.recvmsg_into([buffer], 0, socket.MSG_TRUNC)
        return Datagram(bytes(buffer[:length]), length, sockets.name(sender))

    def join(self, group: str, interface: str) -> None:
        groups.join(self._socket, group, interface)

    def leave(self, group: str, interface: str) -> None:
        groups.leave(self._socket, group, interface)

    def set_multicast(self, *, ttl: int | None, loop: bool | None, interface: str | None) -> None:
        groups.set_sending(self._socket, ttl=ttl, loop=loop, interface=interface)

    def allow_broadcast(self) -> None:
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)

    def hear_errors(self) -> None:
        groups.hear_errors(self._socket)
