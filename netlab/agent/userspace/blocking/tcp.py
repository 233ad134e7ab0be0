"""A blocking program's socket of TCP: bound or not, listening, or connected."""

from __future__ import annotations

import asyncio
import errno
from contextlib import suppress
from dataclasses import replace
from functools import partial
from socket import SOCK_STREAM
from typing import Any

from netlab.stack.api.endpoints import Data, Endpoint, shown
from netlab.stack.api.listening import StackListener
from netlab.stack.api.programs import Programs
from netlab.stack.api.stream import StackStream
from netlab.stack.failure import failure
from netlab.stack.tcp.bindings import Binding
from netlab.stack.tcp.settings import Settings
from netlab.wire.states import State

_ANY, _ANY_V4 = "::", "0.0.0.0"  # noqa: S104 - as asked

#: As a new socket of Linux is.
_NEW = Settings(reuse_address=False)


class TcpEnd:
    """Runs in the loop. ``stream`` is of a connection that was accepted."""

    kind = SOCK_STREAM

    def __init__(
        self, programs: Programs, *, v6: bool = False, stream: StackStream | None = None
    ) -> None:
        self.v6 = v6
        self._programs = programs
        self._chosen = _NEW
        self._binding: Binding | None = None
        self._listener: StackListener | None = None
        self._stream = stream
        self._opening: asyncio.Task[None] | None = None
        self._failure: OSError | None = None
        #: As programs chose it, also while it is off; times in seconds.
        self.keepalive: dict[str, int | None] = {
            "on": int(self.settings.keepalive is not None),
            "idle": None,
            "interval": None,
            "count": None,
        }
        self._reads_no_more = False
        self._is_closed = False

    @property
    def local(self) -> Endpoint:
        if self._stream is not None:
            return self._stream.local
        if self._listener is not None:
            return self._listener.local
        if self._binding is not None:
            return shown(self._binding.address or bytes(16 if self.v6 else 4), self._binding.port)
        return self._any, 0

    @property
    def remote(self) -> Endpoint:
        return self._connected.remote

    @property
    def settings(self) -> Settings:
        return self._chosen if self._stream is None else self._stream.connection.settings

    @property
    def is_listening(self) -> bool:
        return self._listener is not None

    @property
    def is_opening(self) -> bool:
        return self._opening is not None

    @property
    def mss(self) -> int | None:
        return self._stream.connection.mss if self._stream is not None else None

    def change(self, **fields: Any) -> None:
        if self._stream is None:
            self._chosen = replace(self._chosen, **fields)
        else:
            self._stream.change(**fields)

    def take_error(self) -> int:
        if self._stream is None:
            error, self._failure = self._failure, None
            return error.errno or 0 if error else 0
        connection = self._stream.connection
        found, connection.error = connection.error, 0
        return found

    def bind(self, local: Endpoint) -> None:
        self._check_open()
        if self._binding is not None or self._stream is not None:
            raise failure(errno.EINVAL)
        self._binding = self._programs.bind(local, settings=self._chosen)

    def listen(self, backlog: int) -> None:
        self._check_open()
        if self._stream is not None or self._opening is not None:
            raise failure(errno.EINVAL)
        if self._listener is not None:
            self._listener.listener.listen(backlog)
            return
        local = self.local
        if self._binding is not None:
            self._programs.release(self._binding)
            self._binding = None
        self._listener = self._programs.listen(local, backlog=backlog, settings=self._chosen)

    async def accept(self) -> TcpEnd:
        self._check_open()
        if self._listener is None:
            raise failure(errno.EINVAL)
        stream = await self._listener.accept()
        return TcpEnd(self._programs, v6=self.v6, stream=stream)

    async def connect(self, remote: Endpoint) -> None:
        """What is not waited for any more goes on, and is had by connecting again."""
        self._check_open()
        if self._stream is not None or self._listener is not None:
            raise failure(errno.EISCONN)
        if self._opening is None:
            self._opening = asyncio.ensure_future(self._open(remote))
        await asyncio.wait([self._opening])
        if self._failure is not None:
            error, self._failure = self._failure, None
            raise error
        self._check_open()

    async def send(self, data: Data, *, urgent: bool = False) -> int:
        stream = self._writable
        attempt = partial(stream.send_now, data, urgent=urgent)
        return await self._programs.waiting.until(stream.connection, attempt)

    async def send_all(self, data: Data, *, urgent: bool = False) -> None:
        await self._writable.send(data, urgent=urgent)

    async def receive(self, size: int) -> bytes:
        stream = self._connected
        return b"" if self._reads_no_more else await stream.receive(size)

    def receive_urgent(self) -> bytes:
        return self._connected.receive_urgent_now()

    async def until_readable(self) -> None:
        if self._stream is not None and not self._reads_no_more:
            await self._stream.until_readable()
        elif self._listener is not None:
            listener = self._listener.listener
            while listener.is_open and not listener.acceptable:
                await self._programs.waiting.event(listener)

    async def until_writable(self) -> None:
        if self._opening is not None:
            await asyncio.wait([self._opening])
        if self._stream is not None:
            await self._stream.until_writable()

    async def until_urgent(self) -> None:
        """For ever, if there never is any."""
        if self._stream is not None:
            with suppress(ConnectionResetError):
                return await self._stream.until_urgent()
        return await asyncio.Future()

    def shutdown(self, *, reading: bool, writing: bool) -> None:
        stream = self._connected
        if stream.state is State.CLOSED:
            raise failure(errno.ENOTCONN)
        if reading:
            self._reads_no_more = True
            self._programs.waiting.wake(stream.connection)
        if writing and stream.connection.cb.fin is None:
            stream.shutdown()

    async def close(self) -> None:
        stream = self._stream
        if stream is not None and not self._is_closed:
            self._is_closed = True
            await stream.close()
        else:
            self.die()

    def die(self) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        if self._opening is not None:
            self._opening.cancel()
        if self._stream is not None:
            self._stream.leave()
        elif self._listener is not None:
            self._listener.close()
        elif self._binding is not None:
            self._programs.release(self._binding)

    async def _open(self, remote: Endpoint) -> None:
        try:
            self._stream = await self._programs.connect(
                remote, local=self._binding, settings=self._chosen
            )
        except OSError as error:
            self._failure = error
        finally:
            self._opening = None

    @property
    def _any(self) -> str:
        return _ANY if self.v6 else _ANY_V4

    @property
    def _connected(self) -> StackStream:
        self._check_open()
        if self._stream is None:
            raise failure(errno.ENOTCONN)
        return self._stream

    @property
    def _writable(self) -> StackStream:
        """send(2) of a socket that is not connected is told that its pipe is broken."""
        self._check_open()
        if self._stream is None:
            raise failure(errno.EPIPE)
        return self._stream

    def _check_open(self) -> None:
        if self._is_closed:
            raise failure(errno.EBADF)
