"""What programs may rely on of raw sockets and taps, whoever's transport it is."""

from __future__ import annotations

import asyncio
import errno

from netlab.agent.network import Heard, IcmpSocket
from netlab.testing.ends import CLIENT, CLOSED, INTERFACE, PORT, SERVER, Ends, Play
from netlab.testing.errnos import fails_with
from netlab.wire import icmp, icmpv6
from netlab.wire.address import from_text
from netlab.wire.ipv4 import Ipv4
from netlab.wire.packet import Packet, decode_ip
from netlab.wire.udp import PROTOCOL, Udp


def echo(version: int, number: int, data: bytes = b"abc") -> bytes:
    if version == 4:
        return icmp.echo(5, number).emit(data)
    return icmpv6.echo(5, number).emit(data, bytes(16), bytes(16))


async def first(socket: IcmpSocket, kind: str) -> Heard:
    async for heard in socket.heard():
        if heard.kind == kind:
            return heard
    raise AssertionError


async def passing(ends: Ends, count: int = 1) -> list[Packet]:
    """What comes to the server next of UDP and ICMP; what the client does meanwhile is in there."""
    tap = ends.server.tap()
    found: list[Packet] = []
    while len(found) < count:
        await tap.until_news()
        packets = [decode_ip(datagram) for datagram in tap.take()]
        found += [each for each in packets if each.udp or (each.icmp and each.icmp.identifier)]
    tap.close()
    return found


def test_an_echo_is_replied_to(play: Play, version: int) -> None:
    async def story(ends: Ends) -> None:
        socket = ends.client.icmp(version)
        assert socket.version == version
        await socket.send(echo(version, 2), SERVER[version])
        heard = await first(socket, "0/0" if version == 4 else "129/0")
        assert heard.source == SERVER[version]
        assert (heard.message.identifier, heard.message.sequence, heard.data) == (5, 2, b"abc")
        assert heard.quoted is None
        socket.close()

    play(story)


def test_an_error_quotes_what_it_is_about(play: Play, version: int) -> None:
    async def story(ends: Ends) -> None:
        ears = ends.client.icmp(version)
        client = ends.client.datagrams(SERVER[version])
        client.bind((CLIENT[version], 5000))
        await client.send(b"anybody there?", (SERVER[version], CLOSED))
        heard = await first(ears, "3/3" if version == 4 else "1/4")
        assert heard.source == SERVER[version]
        assert heard.quoted is not None
        assert heard.quoted.udp is not None
        assert (heard.quoted.udp.source_port, heard.quoted.udp.destination_port) == (5000, CLOSED)

    play(story)


def test_all_is_heard_from_the_beginning(play: Play) -> None:
    async def story(ends: Ends) -> None:
        early = ends.client.icmp(4)
        socket = ends.client.icmp(4)
        await socket.send(echo(4, 1), SERVER[4])
        await first(socket, "0/0")
        assert (await first(early, "0/0")).message.sequence == 1

    play(story)


def test_two_versions_do_not_mix(play: Play) -> None:
    async def story(ends: Ends) -> None:
        four, six = ends.client.icmp(4), ends.client.icmp(6)
        await four.send(echo(4, 4), SERVER[4])
        await six.send(echo(6, 6), SERVER[6])
        assert (await first(six, "129/0")).source == SERVER[6]
        assert (await first(four, "0/0")).source == SERVER[4]

    play(story)


def test_hops_and_df_are_those_asked_for(play: Play) -> None:
    async def story(ends: Ends) -> None:
        socket = ends.client.icmp(4)
        seen = asyncio.create_task(passing(ends, 2))
        await asyncio.sleep(0)
        socket.set_hops(3)
        socket.set_dont_fragment(df=True)
        await socket.send(echo(4, 1), SERVER[4])
        socket.set_dont_fragment(df=False)
        await socket.send(echo(4, 2), SERVER[4])
        one, two = await seen
        assert isinstance(one.ip, Ipv4)
        assert isinstance(two.ip, Ipv4)
        assert (one.ip.ttl, one.ip.dont_fragment, two.ip.dont_fragment) == (3, True, False)

    play(story)


def test_what_may_not_be_fragmented_must_fit(play: Play, version: int) -> None:
    async def story(ends: Ends) -> None:
        socket = ends.client.icmp(version)
        socket.set_dont_fragment(df=True)
        with fails_with(errno.EMSGSIZE):
            await socket.send(echo(version, 1, bytes(1600)), SERVER[version])
        socket.set_dont_fragment(df=False)
        await socket.send(echo(version, 2, bytes(1600)), SERVER[version])
        heard = await first(socket, "0/0" if version == 4 else "129/0")
        assert heard.data == bytes(1600)

    play(story)


def test_a_tap_sees_what_comes_and_not_what_goes(play: Play) -> None:
    async def story(ends: Ends) -> None:
        client, server = ends.datagrams()
        client.bind((CLIENT[4], 5000))
        seen = asyncio.create_task(passing(ends, 2))
        await asyncio.sleep(0)
        await client.send(b"one", (SERVER[4], PORT))
        await server.receive(100)
        await server.send(b"back", (CLIENT[4], 5000))
        await client.receive(100)
        await client.send(b"two", (SERVER[4], PORT))
        assert [each.payload for each in await seen] == [b"one", b"two"]

    play(story)


def test_where_datagrams_would_come_from(play: Play, version: int) -> None:
    async def story(ends: Ends) -> None:
        assert ends.client.source_for(SERVER[version]) == CLIENT[version]
        with fails_with(errno.ENETUNREACH):
            ends.client.source_for("192.0.2.1" if version == 4 else "2001:db8::1")

    play(story)


def test_a_packet_from_somebody_else(play: Play) -> None:
    async def story(ends: Ends) -> None:
        source, target = from_text("198.51.100.9"), from_text(SERVER[4])
        packet = Ipv4(source, target, PROTOCOL).emit(Udp(9, PORT).emit(b"guess", source, target))
        seen = asyncio.create_task(passing(ends))
        await asyncio.sleep(0)
        await ends.client.send_packet(packet, SERVER[4])
        (forged,) = await seen
        assert forged.ip is not None
        assert (forged.ip.source, forged.payload) == (source, b"guess")

    play(story)


def test_messages_to_groups_go_from_where_there_is_an_interface(play: Play) -> None:
    async def story(ends: Ends) -> None:
        socket = ends.client.icmp(4)
        with fails_with(errno.ENODEV):
            socket.set_multicast(hops=9, interface="eth7")
        heard = asyncio.create_task(first(ends.server.icmp(4), "8/0"))
        await asyncio.sleep(0)
        socket.set_multicast(hops=9, interface=INTERFACE)
        await socket.send(echo(4, 1), "224.0.0.1")
        assert (await heard).source == CLIENT[4]

    play(story)
