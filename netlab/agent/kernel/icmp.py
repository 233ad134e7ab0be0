"""Raw ICMP sockets of the kernel's (raw(7), RFC 3542)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

from netlab.agent.kernel import groups, options, waiting
from netlab.agent.network import Heard
from netlab.wire import icmp, icmpv6, ipv4
from netlab.wire.errors import ParseError
from netlab.wire.packet import decode_ip

_LONGEST = 65_536


class KernelIcmp:
    def __init__(self, version: int) -> None:
        self.version = version
        self._socket = (
            socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
            if version == 6
            else socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        )
        self._socket.setblocking(False)

    def set_hops(self, number: int) -> None:
        options.apply(self._socket, {"ttl": number})

    def set_dont_fragment(self, *, df: bool) -> None:
        options.apply(self._socket, {"path_mtu_discovery": "probe" if df else "dont"})

    def set_multicast(self, *, hops: int, interface: str) -> None:
        groups.set_sending(self._socket, ttl=hops, loop=None, interface=interface)

    async def send(self, message: bytes, target: str) -> None:
        await asyncio.get_running_loop().sock_sendto(self._socket, message, (target, 0))

    async def heard(self) -> AsyncIterator[Heard]:
        loop = asyncio.get_running_loop()
        while True:
            data, sender = await loop.sock_recvfrom(self._socket, _LONGEST)
            if found := parse(self.version, data, sender[0]):
                yield found

    def close(self) -> None:
        waiting.forget(self._socket)
        self._socket.close()


def parse(version: int, data: bytes, sender: str) -> Heard | None:
    """IPv4 gives the whole datagram, IPv6 the message only."""
    try:
        if version == 6:
            message, offset = icmpv6.parse(data)
            body = data[offset:]
            quoted = decode_ip(body, quoted=True) if message.is_error else None
            return Heard(sender.partition("%")[0], message, body, quoted)
        _, start = ipv4.parse(data)
        heard, offset = icmp.parse(data, start)
        body = data[offset:]
        return Heard(sender, heard, body, decode_ip(body, quoted=True) if heard.is_error else None)
    except ParseError:
        return None
