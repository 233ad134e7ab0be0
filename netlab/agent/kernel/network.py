"""The kernel as a node's transport."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence

from netlab import linux
from netlab.agent.channel import Message
from netlab.agent.kernel import groups, sockets
from netlab.agent.kernel.datagrams import KernelDatagrams
from netlab.agent.kernel.icmp import KernelIcmp
from netlab.agent.kernel.listening import KernelListener
from netlab.agent.kernel.stream import KernelStream
from netlab.agent.kernel.tap import KernelTap

#: Connecting a UDP socket sends nothing, so that any port will do.
_DISCARD = 9


class KernelNetwork:
    """That of the network namespace which this process is in."""

    def __init__(self) -> None:
        self._raw: dict[socket.AddressFamily, socket.socket] = {}

    @property
    def interfaces(self) -> Sequence[str]:
        return groups.interfaces()

    def make_room(self) -> None:
        linux.raise_descriptor_limit()

    def stream(self, address: str) -> KernelStream:
        return KernelStream(sockets.new_socket("tcp", address))

    def datagrams(self, address: str) -> KernelDatagrams:
        return KernelDatagrams(sockets.new_socket("udp", address))

    def listen(self, request: Message) -> KernelListener:
        return KernelListener(sockets.bound_socket(request))

    def bound(self, request: Message) -> KernelDatagrams:
        return KernelDatagrams(sockets.bound_socket(request))

    def icmp(self, version: int) -> KernelIcmp:
        return KernelIcmp(version)

    def tap(self) -> KernelTap:
        return KernelTap()

    def source_for(self, target: str) -> str:
        with sockets.new_socket("udp", target) as made:
            made.connect((target, _DISCARD))
            return str(made.getsockname()[0]).partition("%")[0]

    async def send_packet(self, packet: bytes, target: str) -> None:
        family = socket.AF_INET6 if ":" in target else socket.AF_INET
        if (raw := self._raw.get(family)) is None:  # a flood has no time to make one each time
            raw = self._raw[family] = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
            raw.setblocking(False)
        await asyncio.get_running_loop().sock_sendto(raw, packet, (target, 0))
