"""User processes with raw ICMP sockets, and ICMP errors that nobody else would send."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

from netlab import clock
from netlab.agent.channel import Message
from netlab.agent.children import Emit
from netlab.agent.icmp_socket import Heard, IcmpSocket
from netlab.agent.kernel.firewall import send_error
from netlab.agent.operations import Operation, reported
from netlab.wire.address import endpoint, from_text, to_text
from netlab.wire.icmp_error import IcmpError
from netlab.wire.packet import Packet, decode_ip

_ALL_PROTOCOLS = 3  # ETH_P_ALL

#: Bytes behind the 8 of the header: timestamps and masks (RFC 792, RFC 950); group, target and
#: times of multicast listening and of neighbour discovery (RFC 2710, RFC 4861).
_BODIES = {
    4: {13: 12, 14: 12, 17: 4, 18: 4},
    16: {130: 16, 131: 16, 132: 16, 134: 8, 135: 16, 136: 16, 137: 32},
}

#: transport, source and destination, as events write them
_Flow = tuple[str, str, str]


class Observers:
    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._observers: dict[str, list[IcmpSocket]] = {}
        self._last: dict[_Flow, bytes] = {}
        self._tap: socket.socket | None = None
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
        self._observers[name] = [IcmpSocket(version) for version in (4, 6)]
        hear = self._hear_errors if request["errors_only"] else self._hear_all
        for each in self._observers[name]:
            asyncio.get_running_loop().add_reader(each.socket, hear, name, each)
        return {}

    def _hear_errors(self, name: str, observer: IcmpSocket) -> None:
        if (heard := observer.hear()) and heard.message.is_error:
            self._emit(_told(name, observer.version, heard))

    def _hear_all(self, name: str, observer: IcmpSocket) -> None:
        if heard := observer.hear():
            self._emit(_told(name, observer.version, heard))

    async def _stop(self, request: Message) -> Message:
        for each in self._observers.pop(request["conn"], []):
            asyncio.get_running_loop().remove_reader(each.socket)
            each.socket.close()
        return {}

    async def _remember(self, _: Message) -> None:
        """Keep the last packet of every flow from now on, for `inject` to quote."""
        self._tap = socket.socket(
            socket.AF_PACKET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK, socket.htons(_ALL_PROTOCOLS)
        )
        asyncio.get_running_loop().add_reader(self._tap, self._look)

    def _look(self) -> None:
        assert self._tap is not None
        try:
            while True:
                datagram, (_, _, kind, *_) = self._tap.recvfrom(65_536)
                if kind == socket.PACKET_HOST and (flow := _flow(decode_ip(datagram))):
                    self._last.pop(flow, None)
                    self._last[flow] = datagram
        except BlockingIOError:
            self._news.set()
            self._news = asyncio.Event()

    async def _inject(self, request: Message) -> Message:
        """An ICMP error to the socket ``local``, about what it sent last to ``foreign``.

        Without ``local``, any socket is meant that has sent there; if need be, wait until it does.
        """
        self._look()
        while (datagram := self._last_to(request)) is None:
            await self._news.wait()
        packet = decode_ip(datagram, quoted=True)
        assert packet.ip is not None
        error = IcmpError(request["type"], request["code"], request["parameter"])
        source = send_error(error, datagram, packet.ip.source)
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
        source = send_error(message, bytes(_BODIES[len(to)].get(message.type, 0)), to)
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
