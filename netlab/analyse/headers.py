"""What a packet's headers say about it, whatever its IP version."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import NamedTuple

from netlab.wire.ipv4 import Ipv4
from netlab.wire.packet import Packet
from netlab.wire.tcp import Flags, Tcp
from netlab.wire.tcp_options import MaximumSegmentSize


class SocketPair(NamedTuple):
    """The four-tuple as one packet has it."""

    transport: str
    source: bytes
    source_port: int
    destination: bytes
    destination_port: int

    @property
    def reversed(self) -> SocketPair:
        return SocketPair(
            self.transport,
            self.destination,
            self.destination_port,
            self.source,
            self.source_port,
        )


def socket_pair(packet: Packet) -> SocketPair | None:
    """None when the packet has no TCP or UDP header."""
    header = packet.tcp or packet.udp
    if packet.ip is None or header is None:
        return None
    return SocketPair(
        "tcp" if packet.tcp else "udp",
        packet.ip.source,
        header.source_port,
        packet.ip.destination,
        header.destination_port,
    )


def identity(packet: Packet) -> Hashable:
    """What no hop changes, so that it tells packets apart.

    But for the MSS of a SYN, which a router may lower to what its links carry.
    """
    above = _without_mss(packet.tcp) or packet.udp or packet.icmp or packet.icmpv6 or packet.arp
    ip = packet.ip
    if ip is None:
        return (above, packet.payload)
    flow = 0 if isinstance(ip, Ipv4) else ip.flow_label
    return (
        (ip.source, ip.destination, ip.protocol, ip.identification, flow),
        (ip.fragment_offset, ip.more_fragments),
        above,
        packet.payload,
    )


def _without_mss(tcp: Tcp | None) -> Tcp | None:
    if tcp is None or not tcp.flags & Flags.SYN:
        return tcp
    others = (option for option in tcp.options if not isinstance(option, MaximumSegmentSize))
    return replace(tcp, options=tuple(others))


def hop_limit(packet: Packet) -> int | None:
    """TTL or hop limit; None above something else than IP."""
    if packet.ip is None:
        return None
    return packet.ip.ttl if isinstance(packet.ip, Ipv4) else packet.ip.hop_limit


def datagram_key(packet: Packet) -> Hashable | None:
    """What all fragments of a datagram share, and in IPv4 the datagram itself with them.

    RFC 791 section 3.2, RFC 8200 section 4.5.
    """
    ip = packet.ip
    if ip is None:
        return None
    return (ip.source, ip.destination, ip.protocol, ip.identification)


def is_fragment(packet: Packet) -> bool:
    return packet.ip is not None and packet.ip.is_fragment


def fragment_range(packet: Packet) -> tuple[int, int]:
    """First byte and the one behind the last that a fragment carries of its datagram."""
    ip = packet.ip
    assert ip is not None
    start = ip.fragment_offset
    return start, start + ip.total_length - ip.header_length
