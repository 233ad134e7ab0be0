"""A listener as a program has it."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from netlab.stack.api.endpoints import Endpoint, shown
from netlab.stack.api.stream import StackStream
from netlab.stack.failure import failure
from netlab.stack.tcp.listener import Listener

if TYPE_CHECKING:
    from netlab.stack.api.programs import Programs


class StackListener:
    def __init__(self, programs: Programs, listener: Listener, address: bytes) -> None:
        self.listener = listener
        self._programs = programs
        self._address = address

    @property
    def local(self) -> Endpoint:
        return shown(self._address, self.listener.port)

    async def accept(self) -> StackStream:
        return await self._programs.waiting.until(self.listener, self.accept_now)

    def accept_now(self) -> StackStream:
        if not self.listener.is_open:
            raise failure(errno.EBADF)
        return StackStream(self._programs, self.listener.accept())

    def close(self) -> None:
        driver = self._programs.driver
        self.listener.close(driver.now())
        driver.stirred()
        self._programs.waiting.wake(self.listener)
