"""Raw ICMP sockets: what a user process with one sees."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from netlab.wire import icmp, icmpv6, ipv4
from netlab.wire.address import from_text
from netlab.wire.errors import ParseError
from netlab.wire.packet import Packet, decode_ip

_LONGEST = 65_536
IP_MTU_DISCOVER, IPV6_MTU_DISCOVER = 10, 23
_PMTUDISC_DONT, _PMTUDISC_PROBE = 0, 3


@dataclass(frozen=True, slots=True)
class Heard:
    """A message; ``quoted`` is the packet that an error is about. ``data`` is behind the header."""

    source: str
    message: icmp.Icmp | icmpv6.Icmpv6
    data: bytes
    quoted: Packet | None

    @property
    def kind(self) -> str:
        """``3/13``."""
        return f"{self.message.type}/{self.message.code}"

    @property
    def is_redirect(self) -> bool:
        """An error in form only: the packet that it quotes went on (RFC 792)."""
        return isinstance(self.message, icmp.Icmp) and self.message.type == icmp.Type.REDIRECT


class IcmpSocket:
    """A raw socket of one version of IP. A context."""

    def __init__(self, version: int) -> None:
        self.version = version
        self.socket = (
            socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
            if version == 6
            else socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        )
        self.socket.setblocking(False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.socket.close()

    def set_hops(self, number: int) -> None:
        set_hops(self.socket, number)

    def set_dont_fragment(self, *, df: bool) -> None:
        """Set DF whatever is known of the path's MTU; or let the packets be fragmented."""
        value = _PMTUDISC_PROBE if df else _PMTUDISC_DONT
        if self.version == 6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, IPV6_MTU_DISCOVER, value)
        else:
            self.socket.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, value)

    def hear(self) -> Heard | None:
        """The next message, which must be there."""
        data, sender = self.socket.recvfrom(_LONGEST)
        return self.parse(data, sender[0])

    async def heard(self) -> AsyncIterator[Heard]:
        """All messages from now on."""
        loop = asyncio.get_running_loop()
        while True:
            data, sender = await loop.sock_recvfrom(self.socket, _LONGEST)
            if found := self.parse(data, sender[0]):
                yield found

    def parse(self, data: bytes, sender: str) -> Heard | None:
        """IPv4 gives the whole datagram, IPv6 the message only."""
        try:
            if self.version == 6:
                message, offset = icmpv6.parse(data)
                body = data[offset:]
                quoted = decode_ip(body, quoted=True) if message.is_error else None
                return Heard(sender.partition("%")[0], message, body, quoted)
            _, start = ipv4.parse(data)
            heard, offset = icmp.parse(data, start)
            body = data[offset:]
            return Heard(
                sender, heard, body, decode_ip(body, quoted=True) if heard.is_error else None
            )
        except ParseError:
            return None


def set_hops(made: socket.socket, number: int) -> None:
    """The TTL, or the hop limit, of what the socket sends."""
    if made.family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, number)
    else:
        made.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, number)


def version_of(address: str) -> int:
    return 6 if len(from_text(address)) == 16 else 4
