"""A connection as a program has it."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from netlab.stack.api import stream_options
from netlab.stack.api.endpoints import Data, Endpoint, shown
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
    """One end of a connection. After ``close`` and ``abort`` every call raises EBADF."""

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

    async def send(self, data: Data, *, urgent: bool = False, more: bool = False) -> None:
        """Returns when the stack has a copy of all of it, whatever the peer has."""
        rest = memoryview(data).cast("B")
        while rest:
            attempt = partial(self.send_now, rest, urgent=urgent, more=more)
            rest = rest[await self._until(attempt) :]

    def send_now(self, data: Data, *, urgent: bool = False, more: bool = False) -> int:
        """What the stack takes at once; BlockingIOError if that is nothing."""
        self._check_open()
        now, connection = self._driver.now(), self.connection
        taken = connection.send(now, data, is_urgent=urgent, more=more)
        self._driver.host.tcp.push(now, connection)
        self._driver.stirred()
        return taken

    async def receive(self, size: int) -> bytes:
        """At least one byte and at most ``size``; empty at the end of the peer's data."""
        return await self._until(lambda: self.receive_now(size))

    def receive_now(self, size: int) -> bytes:
        """What is there; BlockingIOError if that is nothing."""
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
        """Until an urgent byte is here; ConnectionResetError if the peer's end comes first."""

        def is_here() -> bool:
            connection = self.connection
            if not connection.urgent.is_here and not connection.may_receive:
                raise failure(errno.ECONNRESET)
            return connection.urgent.is_here

        await self._until_true(is_here)

    def on_urgent(self, act: Callable[[], None]) -> None:
        """Have ``act`` done as soon as urgent data is announced, each time; now, if it was."""
        connection, told = self.connection, None

        def heard() -> None:
            nonlocal told
            number = connection.urgent.number
            if number is not None and number != told:
                told = number
                act()

        self._check_open()
        self._programs.on_urgent[connection] = heard
        heard()

    def receive_urgent_now(self) -> bytes:
        """The urgent byte, out of band.

        EAGAIN: announced, not here yet; EINVAL: none, read already, or inline.
        """
        self._check_open()
        return self.connection.receive_urgent()

    @property
    def is_at_mark(self) -> bool:
        """Whether the next byte to be read is the urgent one, or comes behind it."""
        return self.connection.is_at_mark

    @property
    def urgent_ahead(self) -> int:
        """How many bytes are to be read up to the end of urgent data (RFC 9293, 3.8.5)."""
        return self.connection.urgent_ahead

    def change(self, **options: Any) -> None:
        """Options that may change during a connection; EINVAL for the others."""
        self._check_open()
        stream_options.change(self.connection, self._driver.now(), options)
        self._driver.stirred()

    def shutdown(self) -> None:
        """No more to send."""
        self._check_open()
        self.connection.shutdown(self._driver.now())
        self._driver.stirred()

    async def close(self) -> None:
        """Waits for the peer only where the linger option says so."""
        if self._is_closed:
            return
        linger = self.connection.settings.linger
        self.leave()
        if linger:
            await self._linger(linger)

    def leave(self) -> None:
        """As close, and the stack goes on by itself; so ends who dies."""
        if not self._is_closed:
            self._end(self.connection.close)

    def abort(self) -> None:
        """Reset the connection."""
        if not self._is_closed:
            self._end(self.connection.abort)

    def _end(self, end: Callable[[int], None]) -> None:
        self._is_closed = True
        self._programs.on_urgent.pop(self.connection, None)
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
        if condition():
            await asyncio.sleep(0)  # one that always finds room would leave the stack no turn
        while not condition():
            await self._waiting.event(self.connection)
            self._check_open()

    def _check_open(self) -> None:
        if self._is_closed:
            raise failure(errno.EBADF)
