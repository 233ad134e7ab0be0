"""A connection as a program has it."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from netlab.stack.api import stream_options
from netlab.stack.api.endpoints import shown
from netlab.stack.api.protocol import Data, Endpoint
from netlab.stack.failure import failure
from netlab.stack.tcp.connection import Connection
from netlab.stack.units import SECOND
from netlab.wire.states import State

if TYPE_CHECKING:
    from netlab.stack.api.programs import Programs

_Result = TypeVar("_Result")

#: The peer has acknowledged all that was sent, and our FIN.
_DELIVERED = frozenset({State.FIN_WAIT_2, State.TIME_WAIT, State.CLOSED})


class StackStream:
    """Fulfils ``protocol.Stream``."""

    def __init__(self, programs: Programs, connection: Connection) -> None:
        self.connection = connection
        self._programs = programs
        self._waiting = programs.waiting
        self._driver = programs.driver
        self._is_closed = False

    def __repr__(self) -> str:
        return f"<stream {self.connection!r}>"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def local(self) -> Endpoint:
        return shown(self.connection.pair.local, self.connection.pair.local_port)

    @property
    def remote(self) -> Endpoint:
        return shown(self.connection.pair.remote, self.connection.pair.remote_port)

    @property
    def state(self) -> State:
        return self.connection.state

    async def send(self, data: Data, *, urgent: bool = False) -> None:
        rest = memoryview(data).cast("B")
        while rest:
            rest = rest[await self._until(partial(self.send_now, rest, urgent=urgent)) :]

    def send_now(self, data: Data, *, urgent: bool = False) -> int:
        self._check_open()
        taken = self.connection.send(self._driver.now(), data, urgent=urgent)
        self._driver.stirred()
        return taken

    async def receive(self, size: int) -> bytes:
        return await self._until(lambda: self.receive_now(size))

    def receive_now(self, size: int) -> bytes:
        self._check_open()
        data = self.connection.receive(self._driver.now(), size)
        if data:
            self._driver.stirred()  # the window may be worth an update
        return data

    async def until_readable(self) -> None:
        await self._until_true(lambda: self.connection.readable)

    async def until_writable(self) -> None:
        """Also when the next call of send fails, as select(2) has it."""
        self.connection.await_room()
        await self._until_true(lambda: self.connection.writable or self._cannot_send)

    async def until_urgent(self) -> None:
        def is_known() -> bool:
            connection = self.connection
            if not connection.urgent_ahead and not connection.may_receive:
                raise failure(errno.ECONNRESET)
            return connection.urgent_ahead > 0

        await self._until_true(is_known)

    @property
    def urgent_ahead(self) -> int:
        """How many bytes are to be read up to the end of urgent data (RFC 9293, 3.8.5)."""
        return self.connection.urgent_ahead

    def change(self, **options: Any) -> None:
        self._check_open()
        stream_options.change(self.connection, self._driver.now(), options)
        self._driver.stirred()

    def shutdown(self) -> None:
        self._check_open()
        self.connection.shutdown(self._driver.now())
        self._driver.stirred()

    async def close(self) -> None:
        if self._is_closed:
            return
        linger = self.connection.settings.linger
        self._end(self.connection.close)
        if linger:
            await self._linger(linger)

    def abort(self) -> None:
        if not self._is_closed:
            self._end(self.connection.abort)

    def _end(self, end: Callable[[int], None]) -> None:
        self._is_closed = True
        end(self._driver.now())
        self._driver.stirred()
        self._waiting.wake(self.connection)

    async def _linger(self, most: int) -> None:
        """SO_LINGER: until the peer has everything, and no longer than ``most`` ns."""
        try:
            async with asyncio.timeout(most / SECOND):
                while self.connection.state not in _DELIVERED:
                    await self._waiting.event(self.connection.pair)
        except TimeoutError:
            return  # the stack goes on by itself

    @property
    def _cannot_send(self) -> bool:
        connection = self.connection
        is_opening = connection.state in {State.SYN_SENT, State.SYN_RCVD}
        return not is_opening and connection.sending.free > 0

    async def _until(self, attempt: Callable[[], _Result]) -> _Result:
        return await self._waiting.until(self.connection, attempt)

    async def _until_true(self, condition: Callable[[], bool]) -> None:
        self._check_open()
        while not condition():
            await self._waiting.event(self.connection)
            self._check_open()

    def _check_open(self) -> None:
        if self._is_closed:
            raise failure(errno.EBADF)
