"""A listening TCP socket of the kernel's."""

from __future__ import annotations

import asyncio
import socket

from netlab.agent.channel import Message
from netlab.agent.kernel import options, sockets, waiting
from netlab.agent.kernel.stream import KernelStream


class KernelListener:
    """Owns ``bound``, which it makes non-blocking."""

    def __init__(self, bound: socket.socket) -> None:
        bound.setblocking(False)
        self._socket = bound

    @property
    def local(self) -> str:
        return sockets.local_name(self._socket)

    def kept(self, asked: Message) -> Message:
        return options.kept(self._socket, asked)

    async def accept(self) -> tuple[KernelStream, str]:
        connection, client = await asyncio.get_running_loop().sock_accept(self._socket)
        return KernelStream(connection), sockets.name(client)

    def close(self) -> None:
        waiting.forget(self._socket)
        self._socket.close()
