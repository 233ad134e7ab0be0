"""Answers to echo and timestamp requests (RFC 1122, 3.2.2.6 and 3.2.2.8; RFC 4443, 4.2)."""

from __future__ import annotations

from netlab.stack.ip import addresses
from netlab.stack.ip.datagram import Received
from netlab.stack.ip.sending import Sender
from netlab.stack.units import MILLISECOND
from netlab.wire import icmp, icmpv6
from netlab.wire.icmp import Icmp
from netlab.wire.icmpv6 import Icmpv6
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import Ipv6

_DAY = 86_400_000


def reply(
    now: int, sender: Sender, received: Received, message: Icmp | Icmpv6, data: bytes
) -> None:
    """Send back what came, from the address that was asked; OSError as Sender.send.

    Linux answers no echo of IPv4 that was broadcast (icmp_echo_ignore_broadcasts), but those to
    IPv6 groups.
    """
    ip = received.ip
    if not addresses.may_be_source(ip.source) or (received.is_for_many and isinstance(ip, Ipv4)):
        return
    scope = received.interface.name if addresses.is_link_local(ip.source) else None
    source = ip.destination
    if addresses.is_multicast(source):
        source = sender.source_for(ip.source, received.interface.name)
    if isinstance(message, Icmp):
        answer = Icmp(icmp.Type.ECHO_REPLY, 0, message.rest).emit(data)
        header: Ipv4 | Ipv6 = Ipv4(source, ip.source, icmp.PROTOCOL, dscp=ip.dscp)
    else:
        reply6 = Icmpv6(icmpv6.Type.ECHO_REPLY, 0, message.rest)
        answer = reply6.emit(data, source, ip.source)
        hops = received.interface.hop_limit
        label = sender.flow_labels.of(source, ip.source, icmpv6.PROTOCOL)
        header = Ipv6(source, ip.source, icmpv6.PROTOCOL, hops, flow_label=label)
    sender.send(now, header, answer, interface=scope)


def timestamp(now: int, sender: Sender, received: Received, message: Icmp, data: bytes) -> None:
    """RFC 792: when it came and when the answer left, in ms since midnight UT as we know it."""
    if received.is_for_many or len(data) < 12 or not addresses.may_be_source(received.ip.source):
        return
    at = (now // MILLISECOND % _DAY).to_bytes(4, "big")
    answer = Icmp(icmp.Type.TIMESTAMP_REPLY, 0, message.rest).emit(data[:4] + at + at)
    ip = received.ip
    sender.send(now, Ipv4(ip.destination, ip.source, icmp.PROTOCOL), answer)
