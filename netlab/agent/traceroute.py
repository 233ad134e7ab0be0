"""The routers on the way: probes that live one hop longer each (RFC 1393 names the method)."""

from __future__ import annotations

import asyncio
import os
import socket

from netlab import clock
from netlab.agent.channel import Message
from netlab.agent.icmp_socket import Heard, IcmpSocket, set_hops, version_of
from netlab.wire import icmp, icmpv6
from netlab.wire.address import from_text

#: Where nobody listens: the port of the first UDP probe, as ever.
_FIRST_PORT = 33_434

_TIME_EXCEEDED = {4: icmp.Type.TIME_EXCEEDED, 6: icmpv6.Type.TIME_EXCEEDED}
_ECHO_REPLY = {4: icmp.Type.ECHO_REPLY, 6: icmpv6.Type.ECHO_REPLY}


async def traceroute(request: Message) -> Message:
    """One hop after the other, each up to ``timeout`` seconds, until the target answers.

    A probe is a UDP datagram to a port of its own, or an ICMP echo request.
    """
    target = request["address"]
    with IcmpSocket(version_of(target)) as ears:
        sender = _UdpProbes(target) if request["method"] == "udp" else _EchoProbes(ears, target)
        hops: list[Message] = []
        try:
            for ttl in range(1, request["most"] + 1):
                hop = await _hop(ears, sender, ttl, request["timeout"])
                hops.append(hop)
                if hop.pop("last", False):
                    break
        finally:
            sender.close()
    return {"to": target, "hops": hops}


async def _hop(
    ears: IcmpSocket, sender: _UdpProbes | _EchoProbes, ttl: int, seconds: float
) -> Message:
    began = clock.elapsed()
    sender.send(ttl)
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
    def __init__(self, target: str) -> None:
        family = socket.AF_INET6 if ":" in target else socket.AF_INET
        self._target = target
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.bind(("", 0))
        self._port = int(self._socket.getsockname()[1])

    def send(self, ttl: int) -> None:
        set_hops(self._socket, ttl)
        self._socket.sendto(bytes(32), (self._target, _FIRST_PORT + ttl - 1))

    def is_answer(self, heard: Heard, ttl: int) -> bool:
        quoted = heard.quoted
        if quoted is None or quoted.ip is None or quoted.udp is None:
            return False
        return (
            quoted.ip.destination == from_text(self._target)
            and quoted.udp.source_port == self._port
            and quoted.udp.destination_port == _FIRST_PORT + ttl - 1
        )

    def close(self) -> None:
        self._socket.close()


class _EchoProbes:
    def __init__(self, ears: IcmpSocket, target: str) -> None:
        self._ears = ears
        self._target = target
        self._identifier = os.getpid() & 0xFFFF ^ (clock.elapsed() >> 10 & 0xFFFF)

    def send(self, ttl: int) -> None:
        self._ears.set_hops(ttl)
        if self._ears.version == 4:
            message = icmp.echo(self._identifier, ttl).emit(bytes(32))
        else:
            message = icmpv6.echo(self._identifier, ttl).emit(bytes(32), bytes(16), bytes(16))
        self._ears.socket.sendto(message, (self._target, 0))

    def is_answer(self, heard: Heard, ttl: int) -> bool:
        if heard.message.type == _ECHO_REPLY[self._ears.version]:
            echo: icmp.Icmp | icmpv6.Icmpv6 | None = heard.message
        elif heard.quoted is not None and heard.quoted.ip is not None:
            echo = heard.quoted.icmp or heard.quoted.icmpv6
        else:
            return False
        return echo is not None and (echo.identifier, echo.sequence) == (self._identifier, ttl)

    def close(self) -> None:
        """Its socket is not its own."""
