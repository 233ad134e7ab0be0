"""A socket of TCP on our stack."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from netlab.agent.channel import Message
from netlab.agent.network import Data, Endpoint
from netlab.agent.userspace import options
from netlab.agent.userspace.naming import name
from netlab.agent.userspace.opened import Opened
from netlab.stack.api.programs import Programs
from netlab.stack.api.stream import StackStream
from netlab.stack.failure import failure
from netlab.stack.tcp.bindings import Binding
from netlab.stack.tcp.settings import Settings
from netlab.wire.address import socket_endpoint


class Stream:
    """``opened`` knows it until it is closed. ``any_address`` is that of its version of IP."""

    def __init__(
        self,
        programs: Programs,
        opened: Opened,
        *,
        any_address: str = "::",
        settings: Settings | None = None,
        connected: StackStream | None = None,
    ) -> None:
        self._programs = programs
        self._opened = opened
        self._any = any_address
        self._chosen = settings or Settings()
        self._stream = connected
        self._binding: Binding | None = None
        self._is_closed = False
        opened.add(self)

    @property
    def local(self) -> str:
        if self._stream is not None:
            return name(self._stream.local)
        if self._binding is not None:
            return socket_endpoint(self._binding.address or bytes(4), self._binding.port)
        return socket_endpoint(bytes(4), 0)

    @property
    def foreign(self) -> str:
        return name(self._connected.remote)

    def apply(self, asked: Message) -> None:
        self._change(options.stream_fields(asked))

    def kept(self, asked: Message) -> Message:
        kept = options.kept_by_stream(self._settings, self._programs.profile, asked)
        if "mss" in kept and self._stream is not None:
            kept["mss"] = self._stream.connection.mss
        return kept

    def bind(self, local: Endpoint, *, unprivileged: bool = False) -> None:
        address, port = local
        if self._stream is not None or self._binding is not None:
            raise failure(errno.EINVAL)
        if unprivileged:
            self._programs.ports.check_unprivileged(port)
        self._binding = self._programs.bind((address or self._any, port), settings=self._settings)

    async def connect(self, remote: Endpoint) -> None:
        if self._stream is not None:
            raise failure(errno.EISCONN)
        self._stream = await self._programs.connect(
            remote, local=self._binding, settings=self._settings
        )

    async def send(self, data: Data, *, more: bool = False, urgent: bool = False) -> None:
        await self._writable.send(data, more=more, urgent=urgent)
        await asyncio.sleep(0)  # the driver's turn: when a kernel returns, what may go has left

    def send_now(self, data: Data, *, urgent: bool = False) -> int:
        return self._writable.send_now(data, urgent=urgent)

    async def receive(self, size: int) -> bytes:
        return await self._connected.receive(size)

    def receive_now(self, size: int) -> bytes:
        return self._connected.receive_now(size)

    async def until_readable(self) -> None:
        await self._connected.until_readable()

    async def until_writable(self) -> None:
        await self._connected.until_writable()

    def shutdown(self) -> None:
        self._connected.shutdown()

    async def close(self) -> None:
        self._forget()
        if self._stream is not None:
            await self._stream.close()

    def end(self) -> None:
        self._forget()
        if self._stream is not None:
            self._stream.leave()

    async def reset(self) -> None:
        self._forget()
        if self._stream is not None:
            self._stream.abort()

    async def until_urgent(self) -> None:
        await self._connected.until_urgent()

    def on_urgent(self, act: Callable[[], None]) -> None:
        """As SIGURG of the kernel's: ``act`` is done at each announcement, before all else."""
        self._connected.on_urgent(act)

    @property
    def is_inline(self) -> bool:
        return self._settings.urgent_inline

    @property
    def is_at_mark(self) -> bool:
        return self._connected.is_at_mark

    def urgent_byte(self) -> bytes:
        return self._connected.receive_urgent_now()

    @property
    def _settings(self) -> Settings:
        return self._chosen if self._stream is None else self._stream.connection.settings

    def _change(self, fields: dict[str, Any]) -> None:
        if self._stream is None:
            self._chosen = replace(self._chosen, **fields)
        else:
            self._stream.change(**fields)

    @property
    def _connected(self) -> StackStream:
        if self._is_closed:
            raise failure(errno.EBADF)
        if self._stream is None:
            raise failure(errno.ENOTCONN)
        return self._stream

    @property
    def _writable(self) -> StackStream:
        """send(2) of a socket that is not connected is told that its pipe is broken."""
        if self._stream is None and not self._is_closed:
            raise failure(errno.EPIPE)
        return self._connected

    def _forget(self) -> None:
        self._is_closed = True
        self._opened.forget(self)
        if self._stream is None and self._binding is not None:
            self._programs.release(self._binding)
