"""ICMP errors that nobody else would send."""

from __future__ import annotations

from contextlib import closing

from netlab.agent.network import Network
from netlab.wire.address import from_text, to_text
from netlab.wire.icmp_error import IcmpError


async def send_error(network: Network, error: IcmpError, datagram: bytes, to: bytes) -> str:
    """Send an ICMP error about ``datagram`` to ``to``; the address that it comes from."""
    target = to_text(to)
    own = network.source_for(target)
    with closing(network.icmp(6 if len(to) == 16 else 4)) as sender:
        if sender.version == 6:  # as neighbour discovery must (RFC 4861, 3.1); errors may
            sender.set_hops(255)
        await sender.send(error.about(datagram, from_text(own), to), target)
    return own
