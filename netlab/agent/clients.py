"""A client's socket operations, each a request from the scenario and an event when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

from netlab.agent import held as io
from netlab.agent import payload
from netlab.agent.channel import Emit, Message
from netlab.agent.crowd import Crowd
from netlab.agent.errnos import errno_name
from netlab.agent.excerpt import text_of
from netlab.agent.flood import flood
from netlab.agent.framing import framing
from netlab.agent.held import Held
from netlab.agent.held_datagrams import HeldDatagrams
from netlab.agent.held_stream import HeldStream
from netlab.agent.network import DatagramSocket, Network, StreamSocket
from netlab.agent.operations import reported
from netlab.agent.transfer import transfer


class Clients:
    """All sockets that this agent holds for the scenario."""

    def __init__(self, network: Network, emit: Emit) -> None:
        self._network = network
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
                "transfer": lambda request: transfer(self._stream(request), request),
                "fill": self._fill,
                "many": lambda request: Crowd(network, request, emit).run(),
                "flood": lambda request: flood(network, request),
                "shutdown": self._shutdown,
                "close": self._close,
                "reset": self._reset,
                "join": self._of_datagrams(_join),
                "leave": self._of_datagrams(_leave),
                "multicast": self._of_datagrams(_set_multicast),
                "broadcast": self._of_datagrams(lambda socket, _: socket.allow_broadcast()),
                "hear-errors": self._of_datagrams(lambda socket, _: socket.hear_errors()),
                "receive-datagram": self._receive_datagram,
            }.items()
        }

    @property
    def sockets(self) -> Iterator[StreamSocket | DatagramSocket]:
        """In the order in which they were opened; some may be closed."""
        return (held.socket for held in self._held.values())

    def _of_datagrams(
        self, change: Callable[[DatagramSocket, Message], None]
    ) -> Callable[[Message], Awaitable[Message]]:
        """An operation that changes a socket and has nothing else to tell."""

        async def perform(request: Message) -> Message:
            change(self._datagrams(request).socket, request)
            return {}

        return perform

    async def _receive_datagram(self, request: Message) -> Message:
        """One datagram into a buffer of ``room`` bytes; the rest of it is lost (MSG_TRUNC)."""
        found = await self._datagrams(request).receive_datagram(request["room"])
        truncated = {"truncated": True} if found.length > len(found.kept) else {}
        return {
            "bytes": len(found.kept),
            "length": found.length,
            "text": text_of(found.kept),
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

    def _stream(self, request: Message) -> HeldStream:
        held = self._find(request)
        if not isinstance(held, HeldStream):
            raise OSError(95, f"{request['conn']} is a UDP socket")
        return held

    def _datagrams(self, request: Message) -> HeldDatagrams:
        held = self._find(request)
        if not isinstance(held, HeldDatagrams):
            raise OSError(95, f"{request['conn']} is a TCP connection")
        return held

    async def _open(self, request: Message) -> Message:
        address = request["local_address"] or "0.0.0.0"  # noqa: S104 - as asked
        made = (await self._hold(request, address)).socket
        made.bind(
            (address, request["local_port"] or 0), unprivileged=request.get("unprivileged", False)
        )
        return {"local": made.local, "options": made.kept(request["options"])}

    async def _connect(self, request: Message) -> Message:
        made = (await self._hold(request, request["address"])).socket
        try:
            if request["local_address"] or request["local_port"]:
                if request["options"].get("reuse_address") is None:
                    made.apply({"reuse_address": True})
                made.bind(
                    (request["local_address"] or "", request["local_port"] or 0),
                    unprivileged=request.get("unprivileged", False),
                )
            await made.connect((request["address"], request["port"]))
        except BaseException:
            await made.close()  # else SYNs go on being sent
            raise
        kept = made.kept(request["options"])
        return {"local": made.local, "foreign": made.foreign, "options": kept}

    async def _hold(self, request: Message, address: str) -> Held:
        """A new socket; that which had its name before is closed."""
        name, network = request["conn"], self._network
        before = self._held.get(name)
        held = self._held[name] = (
            HeldStream(network.stream(address))
            if request["transport"] == "tcp"
            else HeldDatagrams(network.datagrams(address))
        )
        if before is not None:
            await before.socket.close()
        held.socket.apply(request["options"])
        return held

    async def _set(self, request: Message) -> Message:
        made = self._find(request).socket
        made.apply(request["options"])
        return {"options": made.kept(request["options"])}

    async def _send(self, request: Message) -> Message:
        held = self._find(request)
        data = payload.of(request, held.accounts.sent.size)
        if (framed := framing(request)) is not None:
            data = framed.frame(data)
        if isinstance(held, HeldDatagrams):
            to = request.get("to")
            await held.send(data, (to[0], to[1]) if to is not None else None)
        else:
            more, urgent = request.get("more", False), request.get("urgent", False)
            await held.send(data, more=more, urgent=urgent)
        return {"bytes": len(data)}

    async def _receive(self, request: Message) -> Message:
        held = self._find(request)
        if request.get("urgent"):
            return await self._stream(request).receive_urgent()
        if request.get("nothing"):
            return await io.receive_nothing(held, request["within"])
        before = held.accounts.received.size
        kept = bytearray()
        sender = await held.receive(request, kept)
        outcome: Message = {"bytes": held.accounts.received.size - before, "text": text_of(kept)}
        if sender is not None:
            outcome["from"] = sender
        expected = request.get("text")
        if expected is not None and bytes(kept) != expected.encode():
            raise OSError(71, f"received {text_of(kept)!r} instead of {expected!r}")
        return outcome

    async def _request(self, request: Message) -> Message:
        held = self._find(request)
        for turn in range(request["times"]):
            if turn and request["think"]:
                await asyncio.sleep(request["think"])
            await held.send(payload.of(request, held.accounts.sent.size))
            await held.receive({"size": request["reply"]}, bytearray())
        return {"bytes": request["reply"] * request["times"], "times": request["times"]}

    async def _fill(self, request: Message) -> Message:
        """Write without waiting until no more is taken."""
        held = self._stream(request)
        before = held.accounts.sent.size
        while True:
            data = payload.of(request, held.accounts.sent.size)
            try:
                taken = held.socket.send_now(data)
            except BlockingIOError as full:
                taken_in_all = held.accounts.sent.size - before
                return {"bytes": taken_in_all, "errno": errno_name(full)}
            held.accounts.sent.add(data[:taken])
            await asyncio.sleep(0)  # the step's deadline may have come

    async def _shutdown(self, request: Message) -> Message:
        self._stream(request).socket.shutdown()
        return {}

    async def _close(self, request: Message) -> Message:
        await self._find(request).socket.close()
        return {}

    async def _reset(self, request: Message) -> Message:
        await self._stream(request).socket.reset()
        return {}


def _join(socket: DatagramSocket, request: Message) -> None:
    socket.join(request["group"], request["interface"])


def _leave(socket: DatagramSocket, request: Message) -> None:
    socket.leave(request["group"], request["interface"])


def _set_multicast(socket: DatagramSocket, request: Message) -> None:
    socket.set_multicast(ttl=request["ttl"], loop=request["loop"], interface=request["interface"])
