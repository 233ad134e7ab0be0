"""One packet in one line."""

from __future__ import annotations

from netlab.analyse.arrows import datagram_label
from netlab.analyse.headers import is_fragment
from netlab.analyse.model import Arrow
from netlab.wire import arp
from netlab.wire.address import endpoint, to_text
from netlab.wire.packet import Packet


def summary(packet: Packet, arrow: Arrow | None = None) -> str:
    """Who sent what to whom; a packet of a connection is called as its ``arrow`` is."""
    if packet.arp:
        return _arp(packet.arp)
    if packet.ip is None:
        return f"frame of {packet.length} bytes"
    header = packet.tcp or packet.udp
    if header is None:
        source, destination = to_text(packet.ip.source), to_text(packet.ip.destination)
    else:
        source = endpoint(packet.ip.source, header.source_port)
        destination = endpoint(packet.ip.destination, header.destination_port)
    return f"{source} -> {destination} {arrow.label if arrow else _content(packet)}"


def _arp(packet: arp.Arp) -> str:
    target = to_text(packet.target_protocol_address)
    if packet.operation == arp.Operation.REQUEST:
        return f"ARP who has {target}, tell {to_text(packet.sender_protocol_address)}"
    sender = to_text(packet.sender_protocol_address)
    return f"ARP {sender} is at {to_text(packet.sender_hardware_address)}, for {target}"


def _content(packet: Packet) -> str:
    message = packet.icmp or packet.icmpv6
    if message:
        protocol = "ICMP" if packet.icmp else "ICMPv6"
        mtu = f", MTU {message.mtu}" if message.mtu else ""
        return f"{protocol} {message.name}, code {message.code}{mtu}"
    if is_fragment(packet) or packet.udp:
        return datagram_label(packet)
    if packet.tcp:
        return f"TCP {packet.tcp.flags.name or 'no flags'}"
    return f"IP protocol {packet.ip.protocol if packet.ip else '?'}"
