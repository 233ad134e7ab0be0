"""A blocking program's socket of UDP."""

from __future__ import annotations

import asyncio
import errno
from socket import SOCK_DGRAM
from typing import Any

from netlab.stack.api.datagrams import Datagram
from netlab.stack.api.endpoints import Data, Endpoint
from netlab.stack.api.programs import Programs
from netlab.stack.failure import failure
from netlab.stack.udp.settings import UdpSettings


class UdpEnd:
    """Runs in the loop; the calls that it shares with TcpEnd are the same."""

    kind = SOCK_DGRAM
    is_listening = is_opening = False

    def __init__(self, programs: Programs, *, v6: bool = False) -> None:
        self.v6 = v6
        self._datagrams = programs.datagrams(v6=v6)

    @property
    def local(self) -> Endpoint:
        return self._datagrams.local

    @property
    def remote(self) -> Endpoint:
        return self._datagrams.remote

    @property
    def settings(self) -> UdpSettings:
        return self._datagrams.settings

    def change(self, **fields: Any) -> None:
        for name, value in fields.items():
            setattr(self.settings, name, value)

    def take_error(self) -> int:
        return self._datagrams.socket.take_error()

    def bind(self, local: Endpoint) -> None:
        self._datagrams.bind(local)

    async def connect(self, remote: Endpoint) -> None:
        self._datagrams.connect(remote)

    async def send(self, data: Data, *, urgent: bool = False) -> int:
        return self.send_to(data, None)

    def send_to(self, data: Data, to: Endpoint | None) -> int:
        self._datagrams.send(data, to)
        return memoryview(data).nbytes

    async def send_all(self, data: Data, *, urgent: bool = False) -> None:
        self.send_to(data, None)

    async def receive(self, size: int) -> bytes:
        return (await self.receive_from(size)).data

    async def receive_from(self, size: int) -> Datagram:
        return await self._datagrams.receive(size)

    async def until_readable(self) -> None:
        await self._datagrams.until_readable()

    async def until_writable(self) -> None:
        """There is always room: what an interface has none for is lost."""

    async def until_urgent(self) -> None:
        await asyncio.Future()

    def shutdown(self, *, reading: bool, writing: bool) -> None:
        raise failure(errno.EOPNOTSUPP)

    async def close(self) -> None:
        self.die()

    def die(self) -> None:
        self._datagrams.close()
