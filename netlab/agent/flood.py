"""SYNs from addresses that are not ours, which nobody will follow up (RFC 4987)."""

from __future__ import annotations

import asyncio
import random
from ipaddress import ip_address, ip_network

from netlab import clock
from netlab.agent.channel import Message
from netlab.agent.network import Network
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import Ipv6
from netlab.wire.tcp import PROTOCOL, Flags, Tcp
from netlab.wire.tcp_options import MaximumSegmentSize


async def flood(network: Network, request: Message) -> Message:
    """Send ``count`` SYNs, each from another address of ``sources`` and another port."""
    chosen = random.Random(f"{request['seed']}/{request['conn']}")  # noqa: S311 - to be repeated
    began = clock.elapsed()
    for index in range(request["count"]):
        if rate := request["rate"]:
            due = began + index * 1_000_000_000 / rate
            await asyncio.sleep(max(0.0, due - clock.elapsed()) / 1e9)
        await network.send_packet(syn(request, index, chosen), request["address"])
    return {"count": request["count"], "bytes": 0}


def syn(request: Message, index: int, chosen: random.Random) -> bytes:
    """The IP packet of the SYN number ``index``."""
    pool = ip_network(request["sources"])
    first = 1 if pool.num_addresses > 2 else 0  # not the subnet's own address, nor its broadcast
    source = pool[first + index % max(1, pool.num_addresses - 2 * first)].packed
    target = ip_address(request["address"]).packed
    segment = Tcp(
        source_port=chosen.randrange(1024, 65536),
        destination_port=request["port"],
        sequence=chosen.randrange(1 << 32),
        flags=Flags.SYN,
        window=65535,
        options=(MaximumSegmentSize(1460),),
    ).emit(b"", source, target)
    if pool.version == 4:
        return Ipv4(source, target, PROTOCOL, identification=index & 0xFFFF).emit(segment)
    return Ipv6(source, target, PROTOCOL).emit(segment)
