"""Router advertisements (RFC 4861, section 4.2): a prefix that hosts make addresses of."""

from __future__ import annotations

import socket
import struct
from ipaddress import IPv6Network

from netlab.agent.channel import Message
from netlab.wire.address import to_text
from netlab.wire.icmpv6 import Icmpv6, NdOption, NdOptionType, Type

_ALL_NODES = "ff02::1"

#: Hop limit, flags, router lifetime.
_HEADER = struct.Struct("!BBH")

#: Prefix length, flags, valid and preferred lifetime, reserved, prefix.
_PREFIX = struct.Struct("!BBIII16s")
_ON_LINK_AND_AUTONOMOUS = 0xC0


async def advertise(request: Message) -> Message:
    """Send one advertisement of ``prefix`` to all nodes of the link behind ``interface``."""
    index = socket.if_nametoindex(request["interface"])
    prefix = IPv6Network(request["prefix"])
    lifetime = round(request["lifetime"])
    option = NdOption(
        NdOptionType.PREFIX_INFORMATION,
        _PREFIX.pack(
            prefix.prefixlen,
            _ON_LINK_AND_AUTONOMOUS,
            lifetime,
            lifetime,
            0,
            prefix.network_address.packed,
        ),
    )
    rest = _HEADER.pack(64, 0, lifetime if request["router"] else 0)
    message = Icmpv6(Type.ROUTER_ADVERTISEMENT, 0, rest, bytes(8) + option.emit())
    with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as sender:
        # RFC 4861, 6.1.2: hosts take no advertisement that could have crossed a router.
        sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
        sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        # The kernel knows the source address, and so makes the checksum (RFC 3542, 3.1).
        sender.sendto(message.emit(b"", bytes(16), bytes(16)), (_ALL_NODES, 0, 0, index))
    return {"prefix": f"{to_text(prefix.network_address.packed)}/{prefix.prefixlen}"}
