"""A socket of the kernel's, whatever its transport."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket

from netlab import linux
from netlab.agent.channel import Message
from netlab.agent.kernel import options, sockets, waiting
from netlab.agent.network import Endpoint


class KernelSocket:
    """Owns ``made``, which it makes non-blocking."""

    def __init__(self, made: socket.socket) -> None:
        made.setblocking(False)
        self._socket = made

    @property
    def local(self) -> str:
        return sockets.local_name(self._socket)

    @property
    def foreign(self) -> str:
        return sockets.foreign_name(self._socket)

    def apply(self, asked: Message) -> None:
        options.apply(self._socket, asked)

    def kept(self, asked: Message) -> Message:
        return options.kept(self._socket, asked)

    def bind(self, local: Endpoint, *, unprivileged: bool = False) -> None:
        with (
            linux.without_capability(linux.CAP_NET_BIND_SERVICE)
            if unprivileged
            else contextlib.nullcontext()
        ):
            self._socket.bind(local)

    async def connect(self, remote: Endpoint) -> None:
        try:
            await asyncio.get_running_loop().sock_connect(self._socket, remote)
        except OSError as error:  # asyncio puts words of its own in the place of the kernel's
            if error.errno is None:
                raise
            raise OSError(error.errno, os.strerror(error.errno)) from error

    async def until_readable(self) -> None:
        await waiting.until_readable(self._socket)

    async def close(self) -> None:
        waiting.forget(self._socket)
        if options.lingers(self._socket):  # close waits then, though the socket is non-blocking
            await asyncio.to_thread(self._socket.close)
        else:
            self._socket.close()
