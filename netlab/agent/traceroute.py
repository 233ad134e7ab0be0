"""The routers on the way: probes that live one hop longer each (RFC 1393 names the method)."""

from __future__ import annotations

import asyncio
from contextlib import closing

from netlab import clock
from netlab.agent.channel import Message
from netlab.agent.echo import Echoes, version_of
from netlab.agent.network import Heard, IcmpSocket, Network
from netlab.wire import icmp, icmpv6
from netlab.wire.address import from_text

#: Where nobody listens: the port of the first UDP probe, as ever.
_FIRST_PORT = 33_434

_PROBE = bytes(32)
_TIME_EXCEEDED = {4: icmp.Type.TIME_EXCEEDED, 6: icmpv6.Type.TIME_EXCEEDED}


async def traceroute(network: Network, request: Message) -> Message:
    """One hop after the other, each up to ``timeout`` seconds, until the target answers.

    A probe is a UDP datagram to a port of its own, or an ICMP echo request.
    """
    target = request["address"]
    with closing(network.icmp(version_of(target))) as ears:
        sender = (
            _UdpProbes(network, target)
            if request["method"] == "udp"
            else _EchoProbes(ears, request)
        )
        hops: list[Message] = []
        try:
            for ttl in range(1, request["most"] + 1):
                hop = await _hop(ears, sender, ttl, request["timeout"])
                hops.append(hop)
                if hop.pop("last", False):
                    break
        finally:
            await sender.close()
    return {"to": target, "hops": hops}


async def _hop(
    ears: IcmpSocket, sender: _UdpProbes | _EchoProbes, ttl: int, seconds: float
) -> Message:
    began = clock.elapsed()
    await sender.send(ttl)
    try:
        async with asyncio.timeout(seconds):
            async for heard in ears.heard():
                if not sender.is_answer(heard, ttl):
                    continue
                return {
                    "ttl": ttl,
                    "from": heard.source,
                    "rtt": clock.elapsed() - began,
                    "message": heard.kind,
                    "last": heard.message.type != _TIME_EXCEEDED[ears.version],
                }
    except TimeoutError:
        pass  # this hop keeps silent
    return {"ttl": ttl, "from": None}


class _UdpProbes:
    def __init__(self, network: Network, target: str) -> None:
        self._target = target
        self._socket = network.datagrams(target)
        self._socket.bind(("", 0))
        self._port = int(self._socket.local.rpartition(":")[2])

    async def send(self, ttl: int) -> None:
        self._socket.apply({"ttl": ttl})
        await self._socket.send(_PROBE, (self._target, _FIRST_PORT + ttl - 1))

    def is_answer(self, heard: Heard, ttl: int) -> bool:
        quoted = heard.quoted
        if quoted is None or quoted.ip is None or quoted.udp is None or heard.is_redirect:
            return False
        return (
            quoted.ip.destination == from_text(self._target)
            and quoted.udp.source_port == self._port
            and quoted.udp.destination_port == _FIRST_PORT + ttl - 1
        )

    async def close(self) -> None:
        await self._socket.close()


class _EchoProbes:
    def __init__(self, ears: IcmpSocket, request: Message) -> None:
        self._ears = ears
        self._target = request["address"]
        self._echoes = Echoes(request)

    async def send(self, ttl: int) -> None:
        self._ears.set_hops(ttl)
        await self._ears.send(self._echoes.message(ttl, _PROBE), self._target)

    def is_answer(self, heard: Heard, ttl: int) -> bool:
        return ttl in {self._echoes.replied(heard), self._echoes.failed(heard)}

    async def close(self) -> None:
        """Its socket is not its own."""
