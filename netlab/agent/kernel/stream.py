"""One end of a TCP connection of the kernel's."""

from __future__ import annotations

import asyncio
import socket

from netlab.agent.kernel import options, urgent, waiting
from netlab.agent.kernel.handle import KernelSocket
from netlab.agent.network import Data


class KernelStream(KernelSocket):
    async def send(self, data: Data, *, more: bool = False, urgent: bool = False) -> None:
        if not more and not urgent:
            await asyncio.get_running_loop().sock_sendall(self._socket, data)
            return
        flags = (socket.MSG_MORE if more else 0) | (socket.MSG_OOB if urgent else 0)
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[self._socket.send(rest, flags) :]
            except BlockingIOError:
                await self.until_writable()

    def send_now(self, data: Data) -> int:
        return self._socket.send(data)

    async def receive(self, size: int) -> bytes:
        return await asyncio.get_running_loop().sock_recv(self._socket, size)

    def receive_now(self, size: int) -> bytes:
        return self._socket.recv(size)

    async def until_writable(self) -> None:
        await waiting.until_writable(self._socket)

    def shutdown(self) -> None:
        self._socket.shutdown(socket.SHUT_WR)

    async def reset(self) -> None:
        options.reset_on_close(self._socket)
        await self.close()

    async def until_urgent(self) -> None:
        await urgent.wait(self._socket)

    @property
    def is_inline(self) -> bool:
        return urgent.is_inline(self._socket)

    @property
    def is_at_mark(self) -> bool:
        return urgent.is_at_mark(self._socket)

    def urgent_byte(self) -> bytes:
        return self._socket.recv(1, socket.MSG_OOB)
