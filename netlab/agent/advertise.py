"""Router advertisements (RFC 4861, section 4.2): a prefix that hosts make addresses of."""

from __future__ import annotations

from contextlib import closing
from ipaddress import IPv6Network

from netlab.agent.channel import Message
from netlab.agent.network import Network
from netlab.wire.address import to_text
from netlab.wire.router_advertisement import Prefix, RouterAdvertisement

_ALL_NODES = "ff02::1"


async def advertise(network: Network, request: Message) -> Message:
    """Send one advertisement of ``prefix`` to all nodes of the link behind ``interface``."""
    asked = IPv6Network(request["prefix"])
    prefix, length = asked.network_address.packed, asked.prefixlen
    lifetime = round(request["lifetime"])
    message = RouterAdvertisement(
        lifetime=lifetime if request["router"] else 0,
        prefixes=(Prefix(prefix, length, valid=lifetime, preferred=lifetime),),
    ).message()
    with closing(network.icmp(6)) as socket:
        # RFC 4861, 6.1.2: hosts take no advertisement that could have crossed a router.
        socket.set_multicast(hops=255, interface=request["interface"])
        # The stack knows the source address, and so makes the checksum (RFC 3542, 3.1).
        await socket.send(message.emit(b"", bytes(16), bytes(16)), _ALL_NODES)
    return {"prefix": f"{to_text(prefix)}/{length}"}
