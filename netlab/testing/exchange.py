"""What hosts said to one another in a run, told so that two runs of a lab can be compared.

Left out is what each run chooses anew: times, initial sequence numbers, timestamps, identification
and flow label, ports of the kernel's choice; and what depends on the moment a neighbour was last
heard of: ARP, neighbour discovery and MLD.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import ip_address

from netlab.analyse.model import Sighting
from netlab.wire.icmp import Icmp
from netlab.wire.icmpv6 import Icmpv6
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import Ipv6
from netlab.wire.packet import Packet
from netlab.wire.tcp import Flags, Tcp
from netlab.wire.tcp_options import Option, Sack, Timestamps

#: The first port that Linux chooses by itself (ip_local_port_range).
_CHOSEN = 32_768

_NEIGHBOURS = frozenset({130, 131, 132, 133, 134, 135, 136, 137, 143})  # RFC 4861, 2710, 3810

_MODULO = 1 << 32


def exchange(sightings: Iterable[Sighting]) -> dict[str, list[str]]:
    """A line for each packet, in order, by ``node:interface``."""
    tellers: dict[str, _Teller] = {}
    told: dict[str, list[str]] = {}
    for sighting in sightings:
        place = f"{sighting.node}:{sighting.interface}"
        teller = tellers.setdefault(place, _Teller())
        if line := teller.line(sighting.packet):
            way = "out" if sighting.outbound else "in"
            told.setdefault(place, []).append(f"{way} {line}")
    return told


class _Teller:
    """Knows what one interface has seen: first sequence numbers, and ports in their order."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str], int] = {}
        self._ports: dict[int, str] = {}

    def line(self, packet: Packet) -> str:
        """Empty for what is left out."""
        if packet.ip is None or (packet.icmpv6 and packet.icmpv6.type in _NEIGHBOURS):
            return ""
        parts = [*_of_ip(packet.ip), *self._of_transport(packet, packet.ip)]
        if packet.quoted:
            parts.append(f"about [{self.line(packet.quoted)}]")
        return " ".join(parts)

    def _of_transport(self, packet: Packet, ip: Ipv4 | Ipv6) -> Iterator[str]:
        source, destination = str(ip_address(ip.source)), str(ip_address(ip.destination))
        length = len(packet.payload)
        if tcp := packet.tcp:
            ends = (
                f"{source}:{self._port(tcp.source_port)}",
                f"{destination}:{self._port(tcp.destination_port)}",
            )
            yield f"{ends[0]} > {ends[1]} tcp"
            yield from self._of_tcp(tcp, ends)
        elif udp := packet.udp:
            yield f"{source}:{self._port(udp.source_port)} >"
            yield f"{destination}:{self._port(udp.destination_port)} udp length {udp.length}"
        else:
            yield f"{source} > {destination}"
            if icmp := packet.icmp or packet.icmpv6:
                yield _of_icmp(icmp)
        yield f"data {length}"

    def _of_tcp(self, tcp: Tcp, ends: tuple[str, str]) -> Iterator[str]:
        forward, back = ends, (ends[1], ends[0])
        if tcp.has(Flags.SYN):
            self._first[forward] = tcp.sequence
        start = self._first.setdefault(forward, tcp.sequence)
        yield f"{tcp.flags.name or 'none'} seq {(tcp.sequence - start) % _MODULO}"
        if tcp.has(Flags.ACK):
            start = self._first.setdefault(back, tcp.acknowledgment)
            yield f"ack {(tcp.acknowledgment - start) % _MODULO}"
        if tcp.has(Flags.URG):
            yield f"urgent {tcp.urgent_pointer}"
        if tcp.options:
            yield f"<{', '.join(_of_option(each, start) for each in tcp.options)}>"

    def _port(self, port: int) -> str:
        if port < _CHOSEN:
            return str(port)
        return self._ports.setdefault(port, f"chosen{len(self._ports) + 1}")


def _of_ip(ip: Ipv4 | Ipv6) -> Iterator[str]:
    if isinstance(ip, Ipv4):
        yield f"ttl {ip.ttl} length {ip.total_length}"
        if ip.dont_fragment:
            yield "DF"
    else:
        yield f"hops {ip.hop_limit} length {ip.payload_length}"
    if ip.more_fragments or ip.fragment_offset:
        yield f"fragment {ip.fragment_offset}{'+' * ip.more_fragments}"


def _of_icmp(icmp: Icmp | Icmpv6) -> str:
    mtu = f" mtu {icmp.mtu}" if icmp.mtu else ""
    return f"{type(icmp).__name__.lower()} {icmp.type}/{icmp.code}{mtu}"


def _of_option(option: Option, start: int) -> str:
    """``start`` is the first sequence number of who is acknowledged."""
    if isinstance(option, Timestamps):
        return "Timestamps"
    if isinstance(option, Sack):
        blocks = [
            ((left - start) % _MODULO, (right - start) % _MODULO) for left, right in option.blocks
        ]
        return f"Sack {blocks}"
    return str(option)
