"""A raw socket of ICMP on our stack."""

from __future__ import annotations

from collections.abc import AsyncIterator

from netlab.agent.network import Heard
from netlab.agent.userspace.opened import Opened
from netlab.stack.api.programs import Programs
from netlab.stack.ip.discovery import PathMtuDiscovery
from netlab.wire import icmp, icmpv6
from netlab.wire.address import to_text
from netlab.wire.errors import ParseError
from netlab.wire.packet import decode_ip


class StackIcmp:
    """``opened`` knows it until it is closed."""

    def __init__(self, programs: Programs, opened: Opened, version: int) -> None:
        self.version = version
        self._opened = opened
        self._protocol = icmpv6 if version == 6 else icmp
        self._socket = programs.raw(self._protocol.PROTOCOL, v6=version == 6)
        self._hops: int | None = None
        self._discovery = PathMtuDiscovery.WANT
        opened.add(self)

    def set_hops(self, number: int) -> None:
        self._hops = number

    def set_dont_fragment(self, *, df: bool) -> None:
        self._discovery = PathMtuDiscovery.PROBE if df else PathMtuDiscovery.DONT

    def set_multicast(self, *, hops: int, interface: str) -> None:
        self._socket.set_multicast(hop_limit=hops, interface=interface)

    async def send(self, message: bytes, target: str) -> None:
        self._socket.send(message, target, hop_limit=self._hops, discovery=self._discovery)

    async def heard(self) -> AsyncIterator[Heard]:
        while True:
            datagram = await self._socket.receive()
            if found := self._parse(datagram.payload, datagram.ip.source):
                yield found

    def close(self) -> None:
        self._opened.forget(self)
        self._socket.close()

    def end(self) -> None:
        self.close()

    def _parse(self, data: bytes, source: bytes) -> Heard | None:
        try:
            message, offset = self._protocol.parse(data)
        except ParseError:
            return None
        body = data[offset:]
        quoted = decode_ip(body, quoted=True) if message.is_error else None
        return Heard(to_text(source), message, body, quoted)
