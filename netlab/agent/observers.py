"""User processes with raw ICMP sockets, and ICMP errors that nobody else would send."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from netlab import clock
from netlab.agent.channel import Emit, Message
from netlab.agent.icmp_errors import send_error
from netlab.agent.network import Heard, IcmpSocket, Network, Tap
from netlab.agent.operations import Operation, reported
from netlab.wire.address import endpoint, from_text, to_text
from netlab.wire.icmp_error import IcmpError
from netlab.wire.packet import Packet, decode_ip

#: Bytes behind the 8 of the header: timestamps and masks (RFC 792, RFC 950); group, target and
#: times of multicast listening and of neighbour discovery (RFC 2710, RFC 4861).
_BODIES = {
    4: {13: 12, 14: 12, 17: 4, 18: 4},
    16: {130: 16, 131: 16, 132: 16, 134: 8, 135: 16, 136: 16, 137: 32},
}

#: transport, source and destination, as events write them
_Flow = tuple[str, str, str]


class Observers:
    def __init__(self, network: Network, emit: Emit) -> None:
        self._network = network
        self._emit = emit
        self._observers: dict[str, list[tuple[IcmpSocket, asyncio.Task[None]]]] = {}
        self._last: dict[_Flow, bytes] = {}
        self._remembering: tuple[Tap, asyncio.Task[None]] | None = None
        self._news = asyncio.Event()
        self.verbs: dict[str, Callable[[Message], Awaitable[Message | None]]] = {
            "remember": self._remember,
            "observe": reported(emit, self._observe),
            "stop": reported(emit, self._stop),
            "send-icmp": self._send,
            "inject": self._within(self._inject),
        }

    @staticmethod
    def _within(operation: Operation) -> Operation:
        async def perform(request: Message) -> Message:
            try:
                async with asyncio.timeout(request["within"]):
                    return await operation(request)
            except TimeoutError:
                text = f"no packet of {request['conn']} has passed here"
                return {"ok": False, "errno": "", "error": text}

        return perform

    async def _observe(self, request: Message) -> Message:
        """Tell each ICMP error that a raw socket hears, as an `icmp` event, until it is stopped."""
        name = request["conn"]
        sockets = [self._network.icmp(version) for version in (4, 6)]
        self._observers[name] = [
            (each, asyncio.create_task(self._hear(name, each, request["errors_only"])))
            for each in sockets
        ]
        return {}

    async def _hear(self, name: str, socket: IcmpSocket, errors_only: bool) -> None:
        async for heard in socket.heard():
            if heard.message.is_error or not errors_only:
                self._emit(_told(name, socket.version, heard))

    async def _stop(self, request: Message) -> Message:
        for socket, hearing in self._observers.pop(request["conn"], []):
            hearing.cancel()
            socket.close()
        return {}

    async def _remember(self, _: Message) -> None:
        """Keep the last packet of every flow from now on, for `inject` to quote."""
        tap = self._network.tap()
        self._remembering = tap, asyncio.create_task(self._follow(tap))

    async def _follow(self, tap: Tap) -> None:
        while True:
            await tap.until_news()
            self._look(tap)

    def _look(self, tap: Tap) -> None:
        for datagram in tap.take():
            if flow := _flow(decode_ip(datagram)):
                self._last.pop(flow, None)
                self._last[flow] = datagram
        self._news.set()
        self._news = asyncio.Event()

    async def _inject(self, request: Message) -> Message:
        """An ICMP error to the socket ``local``, about what it sent last to ``foreign``.

        Without ``local``, any socket is meant that has sent there; if need be, wait until it does.
        """
        assert self._remembering is not None
        self._look(self._remembering[0])
        while (datagram := self._last_to(request)) is None:
            await self._news.wait()
        packet = decode_ip(datagram, quoted=True)
        assert packet.ip is not None
        error = IcmpError(request["type"], request["code"], request["parameter"])
        source = await send_error(self._network, error, datagram, packet.ip.source)
        self._emit(
            {
                "kind": "injected",
                "t": clock.now(),
                "conn": request["conn"],
                "icmp": f"{error.type}/{error.code}",
                "from": source,
                "to": to_text(packet.ip.source),
            }
        )
        return {}

    async def _send(self, request: Message) -> Message:
        """An ICMP message that quotes nothing; what its type has behind the header is zeros."""
        to = from_text(request["address"])
        message = IcmpError(request["type"], request["code"], request["parameter"])
        body = bytes(_BODIES[len(to)].get(message.type, 0))
        source = await send_error(self._network, message, body, to)
        self._emit(
            {
                "kind": "injected",
                "t": clock.now(),
                "icmp": f"{message.type}/{message.code}",
                "from": source,
                "to": request["address"],
            }
        )
        return {}

    def _last_to(self, request: Message) -> bytes | None:
        for (transport, local, foreign), datagram in reversed(self._last.items()):
            if (transport, foreign) == (request["transport"], request["foreign"]) and (
                request["local"] in {None, local}
                and request["local_port"] in {None, int(local.rpartition(":")[2])}
            ):
                return datagram
        return None


def _flow(packet: Packet) -> _Flow | None:
    header = packet.tcp or packet.udp
    if packet.ip is None or header is None:
        return None
    return (
        "tcp" if packet.tcp else "udp",
        endpoint(packet.ip.source, header.source_port),
        endpoint(packet.ip.destination, header.destination_port),
    )


def _told(name: str, version: int, heard: Heard) -> Message:
    message = heard.message
    quoted = heard.quoted
    about = _flow(quoted) if quoted is not None else None
    gateway = getattr(message, "gateway", None)
    details = {
        "mtu": message.mtu,
        "pointer": message.pointer,
        "gateway": to_text(gateway) if gateway else None,
        "about": " ".join((about[0], about[1], "to", about[2])) if about else None,
    }
    return {
        "kind": "icmp",
        "t": clock.now(),
        "conn": name,
        "version": version,
        "type": message.type,
        "code": message.code,
        "from": to_text(from_text(heard.source)),
        **{key: value for key, value in details.items() if value is not None},
    }
