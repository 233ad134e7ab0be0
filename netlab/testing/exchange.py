"""What hosts said to one another in a run, told so that two runs of a lab can be compared.

Left out is what each run chooses anew: times, initial sequence numbers, timestamps, identification
and flow label, ports of the kernel's choice; and what depends on the moment a neighbour was last
heard of, or on chance: ARP, neighbour discovery, MLD and IGMP; and the window scale, which follows
from how much memory a machine has for TCP (tcp_rmem). Conversations, the ICMP errors about them,
and the two ways of each are told apart: which of two things that go on at once comes first, an ACK
or the segment behind the one that it acknowledges, is the machine's choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import unified_diff
from ipaddress import ip_address
from pathlib import Path

from netlab import record
from netlab.analyse.model import Sighting
from netlab.folder import RunFolder
from netlab.wire import igmp
from netlab.wire.icmp import Icmp
from netlab.wire.icmpv6 import Icmpv6
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import Ipv6
from netlab.wire.packet import Packet
from netlab.wire.tcp import Flags, Tcp
from netlab.wire.tcp_options import Option, Sack, Timestamps, WindowScale

#: The first port that Linux chooses by itself (ip_local_port_range).
_CHOSEN = 32_768

_NEIGHBOURS = frozenset({130, 131, 132, 133, 134, 135, 136, 137, 143})  # RFC 4861, 2710, 3810

_MODULO = 1 << 32


#: What `exchange` tells: the lines of one way of each conversation by its place.
Told = dict[str, list[str]]

#: Address and port.
End = tuple[str, int]


def of_run(run: Path) -> Told:
    """What hosts said in the run of this folder."""
    return exchange(record.read(RunFolder(run)).analysis.sightings)


def differences(some: Sequence[Told], others: Sequence[Told], *, shared: bool = False) -> list[str]:
    """Of the conversations that no run of ``some`` and none of ``others`` tell alike, the last.

    With ``shared``, of those only that both have.
    """
    wrong: list[str] = []
    for place in sorted({place for told in (*some, *others) for place in told}):
        ours = [told.get(place, []) for told in some]
        theirs = [told.get(place, []) for told in others]
        if shared and not (any(ours) and any(theirs)):
            continue
        if not any(lines in theirs for lines in ours):
            wrong += [place, *unified_diff(ours[-1], theirs[-1], lineterm="", n=2)]
    return wrong


def exchange(sightings: Iterable[Sighting]) -> Told:
    """A line for each packet, in order, by interface, way and the two ends of the conversation."""
    tellers: dict[str, _Teller] = {}
    told: Told = {}
    for sighting in sightings:
        place = f"{sighting.node}:{sighting.interface}"
        teller = tellers.setdefault(place, _Teller())
        if line := teller.line(sighting.packet):
            about = sighting.packet.quoted
            if about and about.ip:
                ends = f"errors about {teller.conversation(about)}"
            else:
                ends = teller.conversation(sighting.packet)
            way = "out" if sighting.outbound else "in"
            told.setdefault(f"{place} {way} {ends}", []).append(line)
    return told


class _Teller:
    """Knows what one interface has seen: first sequence numbers, and ports in their order."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str], int] = {}
        self._ports: dict[tuple[str, End, End], str] = {}

    def line(self, packet: Packet) -> str:
        """Empty for what is left out."""
        if packet.ip is None or _is_upkeep(packet):
            return ""
        parts = [*_of_ip(packet.ip), *self._of_transport(packet)]
        if packet.quoted:
            parts.append(f"about [{self.line(packet.quoted)}]")
        return " ".join(parts)

    def conversation(self, packet: Packet) -> str:
        return " ".join((*_transport(packet), " - ".join(sorted(self._ends(packet)))))

    def _ends(self, packet: Packet) -> tuple[str, str]:
        """Source and destination, with their ports where there are any."""
        assert packet.ip, "no conversation"
        source, destination = (
            str(ip_address(packet.ip.source)),
            str(ip_address(packet.ip.destination)),
        )
        if not (header := packet.tcp or packet.udp):
            return source, destination
        (transport,) = _transport(packet)
        here, there = (source, header.source_port), (destination, header.destination_port)
        return (
            f"{source}:{self._port(transport, here, there)}",
            f"{destination}:{self._port(transport, there, here)}",
        )

    def _of_transport(self, packet: Packet) -> Iterator[str]:
        ends = self._ends(packet)
        yield " > ".join(ends)
        if tcp := packet.tcp:
            yield "tcp"
            yield from self._of_tcp(tcp, ends)
        elif udp := packet.udp:
            yield f"udp length {udp.length}"
        elif icmp := packet.icmp or packet.icmpv6:
            yield _of_icmp(icmp)
        yield f"data {len(packet.payload)}"

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

    def _port(self, transport: str, end: End, peer: End) -> str:
        """A port of the kernel's choice is one of those at its address that speak to the peer."""
        address, port = end
        if port < _CHOSEN:
            return str(port)
        alike = [
            known
            for known in self._ports
            if (known[0], known[1][0], known[2]) == (transport, address, peer)
        ]
        return self._ports.setdefault((transport, end, peer), f"chosen{len(alike) + 1}")


def _transport(packet: Packet) -> tuple[str, ...]:
    """Its name, of those that have ports."""
    if packet.tcp:
        return ("tcp",)
    return ("udp",) if packet.udp else ()


def _is_upkeep(packet: Packet) -> bool:
    if packet.icmpv6:
        return packet.icmpv6.type in _NEIGHBOURS
    return packet.ip is not None and packet.ip.protocol == igmp.PROTOCOL


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
    if isinstance(option, Timestamps | WindowScale):
        return type(option).__name__
    if isinstance(option, Sack):
        blocks = [
            ((left - start) % _MODULO, (right - start) % _MODULO) for left, right in option.blocks
        ]
        return f"Sack {blocks}"
    return str(option)
