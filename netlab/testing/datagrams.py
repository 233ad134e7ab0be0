"""Datagrams for packet dialogues: made, lowered by a router, cut into fragments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from netlab.stack.ip.fragments import fragment_ipv4, fragment_ipv6
from netlab.wire import icmp, icmpv6, tcp, udp
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import Ipv6
from netlab.wire.tcp import Tcp
from netlab.wire.udp import Udp


@dataclass(frozen=True, slots=True)
class Datagram:
    """An IP header and the bytes behind it."""

    ip: Ipv4 | Ipv6
    payload: bytes

    def emit(self) -> bytes:
        return self.ip.emit(self.payload)

    def lowered(self) -> Datagram:
        """As a router passes it on."""
        if isinstance(self.ip, Ipv4):
            return replace(self, ip=replace(self.ip, ttl=self.ip.ttl - 1))
        return replace(self, ip=replace(self.ip, hop_limit=self.ip.hop_limit - 1))

    def pieces(self, mtu: int, *, is_source: bool) -> Iterator[Datagram]:
        """Itself, or its fragments where ``mtu`` asks for them and they are allowed."""
        if self.ip.header_length + len(self.payload) <= mtu:
            yield self
        elif isinstance(self.ip, Ipv4):
            if not self.ip.dont_fragment:
                for ip, data in fragment_ipv4(self.ip, self.payload, mtu):
                    yield Datagram(ip, bytes(data))
        elif is_source:
            for ip6, data in fragment_ipv6(self.ip, self.payload, mtu, 1):
                yield Datagram(ip6, bytes(data))


def make(
    header: Tcp | Udp | icmp.Icmp | icmpv6.Icmpv6,
    data: bytes,
    source: bytes,
    destination: bytes,
    *,
    identification: int = 0,
    dont_fragment: bool = True,
) -> Datagram:
    """As Linux sends it: TCP alone has the DF flag, if at all."""
    if isinstance(header, icmp.Icmp):
        protocol, payload = icmp.PROTOCOL, header.emit(data)
    else:
        protocol = {Tcp: tcp.PROTOCOL, Udp: udp.PROTOCOL}.get(type(header), icmpv6.PROTOCOL)
        payload = header.emit(data, source, destination)
    if len(source) == 16:
        return Datagram(Ipv6(source, destination, protocol), payload)
    ip = Ipv4(
        source,
        destination,
        protocol,
        identification=identification,
        dont_fragment=dont_fragment and isinstance(header, Tcp),
    )
    return Datagram(ip, payload)
