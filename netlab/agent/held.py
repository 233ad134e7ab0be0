"""A client's socket that the scenario has named, and what is read from and written to it."""

from __future__ import annotations

import asyncio
import os
import socket
from dataclasses import dataclass, field
from typing import Any

from netlab.agent import sockets, urgent
from netlab.agent.channel import Message
from netlab.agent.conversation import Accounts
from netlab.agent.framing import Framing, framing

READ_SIZE = 65_536

#: Seconds that a step may take beyond the time it waits for nothing.
_GRACE = 1.0

#: How much received text an event carries.
_TEXT_LIMIT = 1024


@dataclass(slots=True)
class Held:
    socket: socket.socket
    transport: str
    accounts: Accounts = field(default_factory=Accounts)


async def connect(made: socket.socket, target: tuple[str, int]) -> None:
    try:
        await asyncio.get_running_loop().sock_connect(made, target)
    except OSError as error:  # asyncio puts words of its own in the place of the kernel's
        if error.errno is None:
            raise
        raise OSError(error.errno, os.strerror(error.errno)) from error


async def send(
    held: Held,
    data: bytes,
    *,
    to: list[Any] | None = None,
    more: bool = False,
    urgent: bool = False,
) -> None:
    """Returns when the kernel has a copy of ``data``, whatever its peer has."""
    loop = asyncio.get_running_loop()
    if to is not None:
        await loop.sock_sendto(held.socket, data, (to[0], to[1]))
    elif held.transport == "udp":
        held.socket.send(data)  # a datagram goes whole or not at all
    elif urgent:
        await _send_urgent(held.socket, data)
    elif more:
        held.socket.send(data, socket.MSG_MORE)
    else:
        await loop.sock_sendall(held.socket, data)
    held.accounts.sent.add(data)


async def _send_urgent(made: socket.socket, data: bytes) -> None:
    loop = asyncio.get_running_loop()
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[made.send(rest, socket.MSG_OOB) :]
        except BlockingIOError:
            writable = asyncio.Event()
            loop.add_writer(made, writable.set)
            try:
                await writable.wait()
            finally:
                loop.remove_writer(made)


async def receive(held: Held, wanted: Message, kept: bytearray) -> str | None:
    """Read what is ``wanted`` into ``kept``; the sender of an unconnected datagram."""
    loop = asyncio.get_running_loop()
    if held.transport == "udp":
        data, sender = await loop.sock_recvfrom(held.socket, READ_SIZE)
        held.accounts.received.add(data)
        kept += data
        return sockets.name(sender) if sender else None
    if (framed := framing(wanted)) is not None:
        await _receive_message(held, framed, kept)
        return None
    text = wanted.get("text")
    size = len(text.encode()) if text is not None else wanted.get("size")
    keep = max(_TEXT_LIMIT * 4, size or 0) if text is not None else _TEXT_LIMIT * 4
    at_once = wanted.get("by") or READ_SIZE
    total = 0
    while size is None or total < size:
        if total and wanted.get("every"):
            await asyncio.sleep(wanted["every"])
        room = at_once if size is None else min(at_once, size - total)
        data = await loop.sock_recv(held.socket, room)
        if not data:
            if size is None:
                return None
            raise OSError(104, f"the peer closed after {total} of {size} bytes")
        held.accounts.received.add(data)
        total += len(data)
        kept += data[: max(0, keep - len(kept))]
    return None


async def _receive_message(held: Held, framed: Framing, kept: bytearray) -> None:
    """Read up to the end of one message and no further."""
    loop = asyncio.get_running_loop()
    frame = b""
    while missing := framed.missing(frame):
        data = await loop.sock_recv(held.socket, missing)
        if not data:
            raise OSError(104, f"the peer closed after {len(frame)} bytes of a message")
        held.accounts.received.add(data)
        frame += data
    kept += framed.message(frame)


async def receive_urgent(held: Held) -> Message:
    """The urgent byte: out of band, or, inline, behind what comes before the mark."""
    await urgent.wait(held.socket)
    if not urgent.is_inline(held.socket):
        octet = held.socket.recv(1, socket.MSG_OOB)
        return {"bytes": 1, "text": text_of(octet), "inline": False}
    before = 0
    while not urgent.is_at_mark(held.socket):
        data = await asyncio.get_running_loop().sock_recv(held.socket, READ_SIZE)
        if not data:
            raise OSError(104, "the peer closed before its urgent byte")
        held.accounts.received.add(data)
        before += len(data)
    octet = await asyncio.get_running_loop().sock_recv(held.socket, 1)
    held.accounts.received.add(octet)
    return {"bytes": before + 1, "before": before, "text": text_of(octet), "inline": True}


async def receive_nothing(held: Held, within: float) -> Message:
    """Wait for so many seconds; OSError when anything comes, or the kernel's own."""
    try:
        async with asyncio.timeout(within):
            data = await asyncio.get_running_loop().sock_recv(held.socket, READ_SIZE)
    except TimeoutError as error:
        if error.errno is not None:  # the kernel's ETIMEDOUT, not the end of our wait
            raise
        return {"bytes": 0, "nothing": True}
    held.accounts.received.add(data)
    came = repr(text_of(data)) if data or held.transport == "udp" else "the peer's end"
    raise OSError(71, f"received {came} instead of nothing")


def quiet_time(request: Message) -> float:
    """To wait for nothing takes all of the step's time, so that its deadline is later."""
    return _GRACE if request.get("nothing") else 0.0


def text_of(data: bytes | bytearray) -> str:
    return bytes(data[: _TEXT_LIMIT * 4]).decode(errors="replace")[:_TEXT_LIMIT]
