"""A client's socket operations, each a request from the scenario and an event when it ends."""

from __future__ import annotations

import asyncio
import hashlib
import os
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from netlab import clock
from netlab.agent import payload, sockets
from netlab.agent.channel import Message
from netlab.agent.children import Emit

_READ_SIZE = 65_536

#: Seconds that a step may take beyond the time it waits for nothing.
_GRACE = 1.0

#: How much received text an event carries.
_TEXT_LIMIT = 1024


@dataclass(slots=True)
class Account:
    """What went one way over a socket so far."""

    size: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def add(self, data: bytes) -> None:
        self.size += len(data)
        self.digest.update(data)


@dataclass(slots=True)
class Held:
    """A socket that the scenario has named."""

    socket: socket.socket
    transport: str
    sent: Account = field(default_factory=Account)
    received: Account = field(default_factory=Account)


class Clients:
    """All sockets that this agent holds for the scenario."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._held: dict[str, Held] = {}
        self.verbs: dict[str, Callable[[Message], Awaitable[Message | None]]] = {
            name: self._reported(operation)
            for name, operation in {
                "connect": self._connect,
                "open": self._open,
                "send": self._send,
                "receive": self._receive,
                "request": self._request,
                "shutdown": self._shutdown,
                "close": self._close,
            }.items()
        }

    def _reported(
        self, operation: Callable[[Message], Awaitable[Message]]
    ) -> Callable[[Message], Awaitable[Message | None]]:
        """The operation with its deadline, told as one `op` event whether it succeeds or fails."""

        async def perform(request: Message) -> Message:
            began = time.monotonic_ns()
            event = {"kind": "op", "op": request["do"], "conn": request["conn"]}
            try:
                async with asyncio.timeout(request["within"] + _quiet_time(request)):
                    outcome = await operation(request)
            except OSError as error:
                text = error.strerror or f"not done within {request['within']:g} s"
                failed = {"status": "error", "errno": sockets.errno_name(error), "error": text}
                self._emit(self._stamped(event | failed, began))
                return {"ok": False, "errno": failed["errno"], "error": text}
            self._emit(self._stamped(event | {"status": "ok", **outcome}, began))
            return {}

        return perform

    def _stamped(self, event: Message, began: int) -> Message:
        now = {"t": clock.now(), "took": time.monotonic_ns() - began}
        return event | now | self._accounts(event["conn"])

    def _accounts(self, name: str) -> Message:
        held = self._held.get(name)
        if held is None:
            return {}
        return {
            "sent": held.sent.size,
            "sent_sha256": held.sent.digest.hexdigest(),
            "received": held.received.size,
            "received_sha256": held.received.digest.hexdigest(),
        }

    def _find(self, request: Message) -> Held:
        try:
            return self._held[request["conn"]]
        except KeyError:
            raise OSError(107, f"{request['conn']} is not open") from None

    async def _open(self, request: Message) -> Message:
        held = self._hold(request, request["local_address"] or "0.0.0.0")  # noqa: S104 - as asked
        held.socket.bind(
            (request["local_address"] or "0.0.0.0", request["local_port"] or 0)  # noqa: S104 - as asked
        )
        return {"local": sockets.local_name(held.socket)}

    async def _connect(self, request: Message) -> Message:
        held = self._hold(request, request["address"])
        try:
            if request["local_address"] or request["local_port"]:
                held.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                held.socket.bind((request["local_address"] or "", request["local_port"] or 0))
            await _connect(held.socket, (request["address"], request["port"]))
        except BaseException:
            held.socket.close()  # else the kernel goes on sending SYNs
            raise
        return {
            "local": sockets.local_name(held.socket),
            "foreign": sockets.foreign_name(held.socket),
        }

    def _hold(self, request: Message, address: str) -> Held:
        made = sockets.new_socket(request["transport"], address)
        made.setblocking(False)
        held = self._held[request["conn"]] = Held(made, request["transport"])
        sockets.apply_options(made, request["options"])
        return held

    async def _send(self, request: Message) -> Message:
        held = self._find(request)
        data = payload.of(request, held.sent.size)
        await _send(held, data, to=request.get("to"), more=request.get("more", False))
        return {"bytes": len(data)}

    async def _receive(self, request: Message) -> Message:
        held = self._find(request)
        if request.get("nothing"):
            return await _receive_nothing(held, request["within"])
        before = held.received.size
        kept = bytearray()
        sender = await _receive(held, request, kept)
        outcome: Message = {"bytes": held.received.size - before, "text": _text(kept)}
        if sender is not None:
            outcome["from"] = sender
        expected = request.get("text")
        if expected is not None and bytes(kept) != expected.encode():
            raise OSError(71, f"received {_text(kept)!r} instead of {expected!r}")
        return outcome

    async def _request(self, request: Message) -> Message:
        held = self._find(request)
        for turn in range(request["times"]):
            if turn and request["think"]:
                await asyncio.sleep(request["think"])
            await _send(held, payload.of(request, held.sent.size), to=None, more=False)
            await _receive(held, {"size": request["reply"]}, bytearray())
        return {"bytes": request["reply"] * request["times"], "times": request["times"]}

    async def _shutdown(self, request: Message) -> Message:
        self._find(request).socket.shutdown(socket.SHUT_WR)
        return {}

    async def _close(self, request: Message) -> Message:
        held = self._find(request)
        if held.socket.fileno() >= 0:
            # Steps side by side may still wait for this descriptor, which the next socket gets.
            loop = asyncio.get_running_loop()
            loop.remove_reader(held.socket)
            loop.remove_writer(held.socket)
        held.socket.close()
        return {}


async def _connect(made: socket.socket, target: tuple[str, int]) -> None:
    try:
        await asyncio.get_running_loop().sock_connect(made, target)
    except OSError as error:  # asyncio puts words of its own in the place of the kernel's
        if error.errno is None:
            raise
        raise OSError(error.errno, os.strerror(error.errno)) from error


async def _send(held: Held, data: bytes, *, to: list[Any] | None, more: bool) -> None:
    loop = asyncio.get_running_loop()
    if to is not None:
        await loop.sock_sendto(held.socket, data, (to[0], to[1]))
    elif held.transport == "udp":
        held.socket.send(data)  # a datagram goes whole or not at all
    elif more:
        held.socket.send(data, socket.MSG_MORE)
    else:
        await loop.sock_sendall(held.socket, data)
    held.sent.add(data)


async def _receive(held: Held, wanted: Message, kept: bytearray) -> str | None:
    """Read what is ``wanted`` into ``kept``; the sender of an unconnected datagram."""
    loop = asyncio.get_running_loop()
    if held.transport == "udp":
        data, sender = await loop.sock_recvfrom(held.socket, _READ_SIZE)
        held.received.add(data)
        kept += data
        return sockets.name(sender) if sender else None
    text = wanted.get("text")
    size = len(text.encode()) if text is not None else wanted.get("size")
    keep = max(_TEXT_LIMIT * 4, size or 0) if text is not None else _TEXT_LIMIT * 4
    total = 0
    while size is None or total < size:
        room = _READ_SIZE if size is None else min(_READ_SIZE, size - total)
        data = await loop.sock_recv(held.socket, room)
        if not data:
            if size is None:
                return None
            raise OSError(104, f"the peer closed after {total} of {size} bytes")
        held.received.add(data)
        total += len(data)
        kept += data[: max(0, keep - len(kept))]
    return None


async def _receive_nothing(held: Held, within: float) -> Message:
    """Wait for so many seconds; OSError when anything comes, or the kernel's own."""
    try:
        async with asyncio.timeout(within):
            data = await asyncio.get_running_loop().sock_recv(held.socket, _READ_SIZE)
    except TimeoutError as error:
        if error.errno is not None:  # the kernel's ETIMEDOUT, not the end of our wait
            raise
        return {"bytes": 0, "nothing": True}
    held.received.add(data)
    came = repr(_text(data)) if data or held.transport == "udp" else "the peer's end"
    raise OSError(71, f"received {came} instead of nothing")


def _quiet_time(request: Message) -> float:
    """To wait for nothing takes all of the step's time, so that its deadline is later."""
    return _GRACE if request.get("nothing") else 0.0


def _text(data: bytes | bytearray) -> str:
    return bytes(data[: _TEXT_LIMIT * 4]).decode(errors="replace")[:_TEXT_LIMIT]
