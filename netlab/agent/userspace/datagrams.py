"""A socket of UDP on our stack."""

from __future__ import annotations

import asyncio

from netlab.agent.channel import Message
from netlab.agent.network import Data, Datagram, Endpoint
from netlab.agent.userspace import options
from netlab.agent.userspace.naming import name
from netlab.agent.userspace.opened import Opened
from netlab.stack.api.datagrams import Datagram as StackDatagram
from netlab.stack.api.programs import Programs


class Datagrams:
    """``opened`` knows it until it is closed. ``any_address`` is that of its version of IP."""

    def __init__(self, programs: Programs, opened: Opened, *, any_address: str) -> None:
        self._ports = programs.ports
        self._opened = opened
        self._any = any_address
        self._socket = programs.datagrams(v6=":" in any_address)
        opened.add(self)

    @property
    def local(self) -> str:
        return name(self._socket.local)

    @property
    def foreign(self) -> str:
        return name(self._socket.remote)

    def apply(self, asked: Message) -> None:
        options.apply_to_datagrams(self._socket.settings, asked)

    def kept(self, asked: Message) -> Message:
        return options.kept_by_datagrams(self._socket.settings, asked)

    def bind(self, local: Endpoint, *, unprivileged: bool = False) -> None:
        address, port = local
        if unprivileged:
            self._ports.check_unprivileged(port)
        self._socket.bind((address or self._any, port))

    async def connect(self, remote: Endpoint) -> None:
        self._socket.connect(remote)

    async def send(self, data: Data, to: Endpoint | None = None) -> None:
        self._socket.send(data, to)
        await asyncio.sleep(0)  # the driver's turn: when a kernel returns, the datagram has left

    async def receive(self, room: int) -> Datagram:
        return _told(await self._socket.receive(room))

    def receive_now(self, room: int) -> Datagram:
        return _told(self._socket.receive_now(room))

    async def until_readable(self) -> None:
        await self._socket.until_readable()

    def join(self, group: str, interface: str) -> None:
        self._socket.join(group, interface)

    def leave(self, group: str, interface: str) -> None:
        self._socket.leave(group, interface)

    def set_multicast(self, *, ttl: int | None, loop: bool | None, interface: str | None) -> None:
        settings = self._socket.settings
        if ttl is not None:
            settings.multicast_hop_limit = ttl
        if loop is not None:
            settings.multicast_loop = loop
        if interface is not None:
            settings.multicast_interface = interface

    def allow_broadcast(self) -> None:
        self._socket.settings.broadcast = True

    def hear_errors(self) -> None:
        self._socket.settings.hear_errors = True

    async def close(self) -> None:
        self.end()

    def end(self) -> None:
        self._opened.forget(self)
        self._socket.close()


def _told(found: StackDatagram) -> Datagram:
    return Datagram(found.data, found.length, name(found.sender))
