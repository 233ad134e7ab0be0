"""Router advertisements of a node, whoever's transport it is."""

from __future__ import annotations

import asyncio

from netlab.agent.advertise import advertise
from netlab.agent.network import IcmpSocket
from netlab.testing.ends import INTERFACE, Ends, Play
from netlab.wire import router_advertisement
from netlab.wire.icmpv6 import Icmpv6, Type
from netlab.wire.router_advertisement import Prefix, RouterAdvertisement


async def advertised(socket: IcmpSocket) -> RouterAdvertisement:
    async for heard in socket.heard():
        if isinstance(heard.message, Icmpv6) and heard.message.type == Type.ROUTER_ADVERTISEMENT:
            return router_advertisement.parse(heard.message)
    raise AssertionError


def test_all_nodes_of_the_link_hear_of_the_prefix(play: Play) -> None:
    async def story(ends: Ends) -> None:
        heard = asyncio.create_task(advertised(ends.server.icmp(6)))
        await asyncio.sleep(0)
        request = {"interface": INTERFACE, "prefix": "fd99::/64", "lifetime": 600.0, "router": True}
        assert await advertise(ends.client, request) == {"prefix": "fd99::/64"}
        said = await heard
        assert (said.hop_limit, said.lifetime) == (64, 600)
        assert said.prefixes == (Prefix(b"\xfd\x99" + bytes(14), 64, valid=600, preferred=600),)

    play(story)
