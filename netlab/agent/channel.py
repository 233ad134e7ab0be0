"""JSON lines over a socket, as the orchestrator and its agents speak them.

A request is ``{"id": 1, "do": "connect", …}``; its answer carries the same ``id`` and ``ok``; a
line with ``event`` belongs to no request.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from typing import Any

Message = dict[str, Any]

#: Takes an event, which belongs to no request.
Emit = Callable[[Message], None]

#: What an agent sends first, before any message: it is there, in its namespaces.
HELLO = b"+"

#: What it sends instead, before words, when its node cannot be as it is asked for.
REFUSAL = b"-"

#: A line longer than this is a broken peer, not a message.
LONGEST_LINE = 16 << 20


class ChannelClosed(ConnectionError):
    """The other side is gone."""


class Channel:
    """One end of a socketpair that carries messages; made inside a running event loop."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, endpoint: socket.socket) -> Channel:
        endpoint.setblocking(False)
        return cls(*await asyncio.open_unix_connection(sock=endpoint, limit=LONGEST_LINE))

    def write(self, message: Message) -> None:
        line = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
        self._writer.write(line.encode() + b"\n")

    async def send(self, message: Message) -> None:
        self.write(message)
        await self._writer.drain()

    async def receive(self) -> Message | None:
        """The next message; None when the other side is gone, or talks no sense any more."""
        try:
            line = await self._reader.readline()
            if not line.endswith(b"\n"):
                return None
            message: Message = json.loads(line)
        except (ConnectionError, ValueError):
            return None
        return message

    def close(self) -> None:
        self._writer.close()


class Caller:
    """Asks a peer things and hands its events to ``on_event``."""

    def __init__(self, channel: Channel, on_event: Callable[[Message], None]) -> None:
        self._channel = channel
        self._on_event = on_event
        self._waiting: dict[int, asyncio.Future[Message]] = {}
        self._next = 1
        self._closed = asyncio.Event()
        self._task = asyncio.create_task(self._listen())

    async def call(self, do: str, **arguments: Any) -> Message:
        """The peer's answer; ChannelClosed when it ends before it answers."""
        if self._closed.is_set():
            raise ChannelClosed(f"nobody is there to {do}")
        number = self._next
        self._next += 1
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            self._channel.write({"id": number, "do": do, **arguments})
            return await answer
        finally:
            self._waiting.pop(number, None)

    async def wait_closed(self) -> None:
        await self._closed.wait()

    def close(self) -> None:
        self._channel.close()

    async def _listen(self) -> None:
        while message := await self._channel.receive():
            if "event" in message:
                self._on_event(message["event"])
                continue
            answer = self._waiting.pop(message.get("id", 0), None)
            if answer and not answer.done():  # its caller may have given up at this very moment
                answer.set_result(message)
        self._closed.set()
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(ChannelClosed("the other side ended"))
        self._waiting.clear()
