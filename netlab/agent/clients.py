"""A client's socket operations, each a request from the scenario and an event when it ends."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from typing import Any

from netlab import linux
from netlab.agent import groups, options, payload, sockets
from netlab.agent import held as io
from netlab.agent.channel import Message
from netlab.agent.children import Emit
from netlab.agent.crowd import Crowd
from netlab.agent.flood import flood
from netlab.agent.framing import framing
from netlab.agent.held import Held
from netlab.agent.operations import reported
from netlab.agent.transfer import transfer


class Clients:
    """All sockets that this agent holds for the scenario."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._held: dict[str, Held] = {}
        self.verbs: dict[str, Callable[[Message], Awaitable[Message | None]]] = {
            name: reported(emit, operation, accounts=self._accounts)
            for name, operation in {
                "connect": self._connect,
                "open": self._open,
                "set": self._set,
                "send": self._send,
                "receive": self._receive,
                "request": self._request,
                "transfer": lambda request: transfer(self._find(request), request),
                "fill": self._fill,
                "many": lambda request: Crowd(request, self._emit).run(),
                "flood": flood,
                "shutdown": self._shutdown,
                "close": self._close,
                "reset": self._reset,
                "join": self._of_datagrams(groups.join),
                "leave": self._of_datagrams(groups.leave),
                "multicast": self._of_datagrams(groups.set_sending),
                "broadcast": self._of_datagrams(groups.allow_broadcast),
                "hear-errors": self._of_datagrams(groups.hear_errors),
                "receive-datagram": self._receive_datagram,
            }.items()
        }

    def _of_datagrams(
        self, change: Callable[[socket.socket, Message], None]
    ) -> Callable[[Message], Awaitable[Message]]:
        """An operation that changes a socket and has nothing else to tell."""

        async def perform(request: Message) -> Message:
            change(self._find(request).socket, request)
            return {}

        return perform

    async def _receive_datagram(self, request: Message) -> Message:
        """One datagram into a buffer of ``room`` bytes; the rest of it is lost (MSG_TRUNC)."""
        held = self._find(request)
        found = await groups.receive(held.socket, request["room"])
        held.accounts.received.add(found.kept)
        truncated = {"truncated": True} if found.length > len(found.kept) else {}
        return {
            "bytes": len(found.kept),
            "length": found.length,
            "text": io.text_of(found.kept),
            "from": found.sender,
            **truncated,
        }

    def _accounts(self, name: str) -> Message:
        held = self._held.get(name)
        return held.accounts.told() if held else {}

    def _find(self, request: Message) -> Held:
        try:
            return self._held[request["conn"]]
        except KeyError:
            raise OSError(107, f"{request['conn']} is not open") from None

    async def _open(self, request: Message) -> Message:
        held = self._hold(request, request["local_address"] or "0.0.0.0")  # noqa: S104 - as asked
        bound = (request["local_address"] or "0.0.0.0", request["local_port"] or 0)  # noqa: S104 - as asked
        _bind(held.socket, request, bound)
        kept = options.kept(held.socket, request["options"])
        return {"local": sockets.local_name(held.socket), "options": kept}

    async def _connect(self, request: Message) -> Message:
        held = self._hold(request, request["address"])
        try:
            if request["local_address"] or request["local_port"]:
                if request["options"].get("reuse_address") is None:
                    held.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                bound = (request["local_address"] or "", request["local_port"] or 0)
                _bind(held.socket, request, bound)
            await io.connect(held.socket, (request["address"], request["port"]))
        except BaseException:
            held.socket.close()  # else the kernel goes on sending SYNs
            raise
        kept = options.kept(held.socket, request["options"])
        return {**sockets.names(held.socket), "options": kept}

    def _hold(self, request: Message, address: str) -> Held:
        made = sockets.new_socket(request["transport"], address)
        made.setblocking(False)
        held = self._held[request["conn"]] = Held(made, request["transport"])
        options.apply(made, request["options"])
        return held

    async def _set(self, request: Message) -> Message:
        made = self._find(request).socket
        options.apply(made, request["options"])
        return {"options": options.kept(made, request["options"])}

    async def _send(self, request: Message) -> Message:
        held = self._find(request)
        data = payload.of(request, held.accounts.sent.size)
        if (framed := framing(request)) is not None:
            data = framed.frame(data)
        urgent = request.get("urgent", False)
        await io.send(
            held, data, to=request.get("to"), more=request.get("more", False), urgent=urgent
        )
        return {"bytes": len(data)}

    async def _receive(self, request: Message) -> Message:
        held = self._find(request)
        if request.get("urgent"):
            return await io.receive_urgent(held)
        if request.get("nothing"):
            return await io.receive_nothing(held, request["within"])
        before = held.accounts.received.size
        kept = bytearray()
        sender = await io.receive(held, request, kept)
        outcome: Message = {
            "bytes": held.accounts.received.size - before,
            "text": io.text_of(kept),
        }
        if sender is not None:
            outcome["from"] = sender
        expected = request.get("text")
        if expected is not None and bytes(kept) != expected.encode():
            raise OSError(71, f"received {io.text_of(kept)!r} instead of {expected!r}")
        return outcome

    async def _request(self, request: Message) -> Message:
        held = self._find(request)
        for turn in range(request["times"]):
            if turn and request["think"]:
                await asyncio.sleep(request["think"])
            await io.send(held, payload.of(request, held.accounts.sent.size))
            await io.receive(held, {"size": request["reply"]}, bytearray())
        return {"bytes": request["reply"] * request["times"], "times": request["times"]}

    async def _fill(self, request: Message) -> Message:
        """Write without waiting until the kernel takes no more."""
        held = self._find(request)
        before = held.accounts.sent.size
        while True:
            data = payload.of(request, held.accounts.sent.size)
            try:
                taken = held.socket.send(data, socket.MSG_DONTWAIT)
            except BlockingIOError as full:
                taken_in_all = held.accounts.sent.size - before
                return {"bytes": taken_in_all, "errno": sockets.errno_name(full)}
            held.accounts.sent.add(data[:taken])
            await asyncio.sleep(0)  # the step's deadline may have come

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
        if options.lingers(held.socket):  # close waits then, though the socket is non-blocking
            await asyncio.to_thread(held.socket.close)
        else:
            held.socket.close()
        return {}

    async def _reset(self, request: Message) -> Message:
        options.reset_on_close(self._find(request).socket)
        return await self._close(request)


def _bind(made: socket.socket, request: Message, address: tuple[Any, int]) -> None:
    """Bind as root in the lab, or as everybody else, who must not have a port below 1024."""
    unprivileged = request.get("unprivileged", False)
    with (
        linux.without_capability(linux.CAP_NET_BIND_SERVICE)
        if unprivileged
        else contextlib.nullcontext()
    ):
        made.bind(address)
