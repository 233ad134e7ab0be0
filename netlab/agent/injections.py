"""Packets that nobody else would send: ICMP errors, what is made by hand, old ones once more."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from netlab import clock
from netlab.agent import datagrams
from netlab.agent.channel import Emit, Message
from netlab.agent.flow import Flow
from netlab.agent.flows import Flows
from netlab.agent.icmp_errors import send_error
from netlab.agent.network import Network
from netlab.agent.operations import Operation
from netlab.agent.segments import UnknownError, crafted
from netlab.wire.address import endpoint, from_text, to_text
from netlab.wire.icmp_error import IcmpError
from netlab.wire.packet import decode_ip

#: Bytes behind the 8 of the header: timestamps and masks (RFC 792, RFC 950); group, target and
#: times of multicast listening and of neighbour discovery (RFC 2710, RFC 4861).
_BODIES = {
    4: {13: 12, 14: 12, 17: 4, 18: 4},
    16: {130: 16, 131: 16, 132: 16, 134: 8, 135: 16, 136: 16, 137: 32},
}


class Injections:
    def __init__(self, network: Network, emit: Emit) -> None:
        self._network = network
        self._emit = emit
        self._flows = Flows(network)
        self.verbs: dict[str, Callable[[Message], Awaitable[Message | None]]] = {
            "remember": self._flows.watch,
            "send-icmp": self._send,
            "inject": self._when_known(self._inject),
            "inject-segment": self._when_known(self._inject_segment),
            "inject-datagram": self._inject_datagram,
            "replay": self._when_known(self._replay),
        }

    def _when_known(self, operation: Operation) -> Operation:
        """What an operation needs may still have to come by."""

        async def perform(request: Message) -> Message:
            lacks = ""
            try:
                async with asyncio.timeout(request["within"]):
                    while True:
                        try:
                            return await operation(request)
                        except UnknownError as unknown:
                            lacks = str(unknown)
                        await self._flows.until_news()
            except TimeoutError:
                return {"ok": False, "errno": "", "error": f"{request['conn']}: {lacks}"}

        return perform

    async def _send(self, request: Message) -> Message:
        """An ICMP message that quotes nothing; what its type has behind the header is zeros."""
        to = from_text(request["address"])
        message = _icmp(request)
        body = bytes(_BODIES[len(to)].get(message.type, 0))
        source = await send_error(self._network, message, body, to)
        self._tell_icmp(message, source, to)
        return {}

    async def _inject(self, request: Message) -> Message:
        """An ICMP error to the socket that opened a flow, about what it sent last."""
        flow, local = self._find(request)
        datagram = flow.ways[local].datagram
        if not datagram:
            raise UnknownError("nothing that it sent has passed here")
        packet = decode_ip(datagram, quoted=True)
        assert packet.ip is not None
        error, to = _icmp(request), packet.ip.source
        source = await send_error(self._network, error, datagram, to)
        self._tell_icmp(error, source, to, conn=request["conn"])
        return {}

    async def _inject_segment(self, request: Message) -> Message:
        """A segment of a flow, to the end that opened it or to the other one."""
        flow, local = self._find(request)
        source = flow.other(local) if request["to_opener"] else local
        segment = crafted(request, flow.ways[source], flow.ways[flow.other(source)])
        await self._send_packet(segment, flow, request)
        return {}

    async def _inject_datagram(self, request: Message) -> Message:
        """A datagram of this node's own, whole or in fragments."""
        target = request["address"]
        source = from_text(self._network.source_for(target))
        for packet in datagrams.crafted(request, source):
            await self._network.send_packet(packet, target)
        told = {
            "transport": "udp",
            "from": endpoint(source, request["local_port"]),
            "to": endpoint(from_text(target), request["port"]),
            "len": request["payload_size"],
        }
        self._emit({"kind": "injected", "t": clock.now(), **told})
        return {}

    async def _replay(self, request: Message) -> Message:
        """A packet of a flow that came by earlier, byte for byte."""
        flow, _ = self._find(request)
        expression, nth = request["expression"], request["nth"]
        datagram = flow.kept.get((expression, nth))
        if datagram is None:
            count = flow.matched.get(expression, 0)
            raise UnknownError(f"{count} packets with {expression} have passed here, not {nth}")
        await self._send_packet(datagram, flow, request)
        return {}

    def _find(self, request: Message) -> tuple[Flow, str]:
        found = self._flows.find(request)
        if found is None:
            raise UnknownError("no packet has passed here")
        return found

    async def _send_packet(self, datagram: bytes, flow: Flow, request: Message) -> None:
        packet = decode_ip(datagram)
        assert packet.ip is not None
        await self._network.send_packet(datagram, to_text(packet.ip.destination))
        told = flow.told(packet)
        self._emit({"kind": "injected", "t": clock.now(), "conn": request["conn"], **told})

    def _tell_icmp(self, message: IcmpError, source: str, to: bytes, **more: str) -> None:
        self._emit(
            {
                "kind": "injected",
                "t": clock.now(),
                "icmp": f"{message.type}/{message.code}",
                "from": source,
                "to": to_text(to),
                **more,
            }
        )


def _icmp(request: Message) -> IcmpError:
    return IcmpError(request["type"], request["code"], request["parameter"])
