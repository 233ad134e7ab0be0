"""What programs may rely on of a UDP socket, whoever's transport it is."""

from __future__ import annotations

import asyncio
import errno

import pytest

from netlab.testing.ends import CLIENT, CLOSED, INTERFACE, PORT, SERVER, Ends, Play, udp_service
from netlab.testing.errnos import fails_with

GROUP = {4: "239.1.2.3", 6: "ff15::7"}


def test_there_and_back(play: Play, version: int) -> None:
    async def story(ends: Ends) -> None:
        client, server = ends.datagrams(version)
        client.bind((CLIENT[version], 5000))
        await client.send(b"ping", (SERVER[version], PORT))
        request = await server.receive(100)
        assert (request.kept, request.length, request.sender) == (b"ping", 4, client.local)

        await server.send(b"pong", (CLIENT[version], 5000))
        assert (await client.receive(100)).sender == server.local

    play(story)


def test_a_socket_of_all_addresses(play: Play, version: int) -> None:
    async def story(ends: Ends) -> None:
        server = ends.server.bound(udp_service(None))
        assert server.local == f"*:{PORT}"
        client = ends.client.datagrams(SERVER[version])
        await client.connect((SERVER[version], PORT))
        await client.send(b"to any")
        assert (await server.receive(100)).sender == client.local

    play(story)


def test_boundaries_are_kept(play: Play) -> None:
    async def story(ends: Ends) -> None:
        client, server = ends.datagrams()
        await client.connect((SERVER[4], PORT))
        for data in (b"one", b"", bytes(5000)):
            await client.send(data)
        assert [(await server.receive(65_536)).kept for _ in range(3)] == [b"one", b"", bytes(5000)]

    play(story)


def test_what_does_not_fit_is_cut(play: Play) -> None:
    async def story(ends: Ends) -> None:
        client, server = ends.datagrams()
        await client.send(b"twenty bytes of text", (SERVER[4], PORT))
        await client.send(b"short", (SERVER[4], PORT))
        cut, whole = await server.receive(6), await server.receive(6)
        assert (cut.kept, cut.length) == (b"twenty", 20)
        assert (whole.kept, whole.length) == (b"short", 5)

    play(story)


def test_a_receiver_that_does_not_wait(play: Play) -> None:
    async def story(ends: Ends) -> None:
        client, server = ends.datagrams()
        with pytest.raises(BlockingIOError):
            server.receive_now(100)
        await client.send(b"now", (SERVER[4], PORT))
        await server.until_readable()
        assert server.receive_now(100).kept == b"now"

    play(story)


def test_who_stops_waiting_takes_nothing_away(play: Play) -> None:
    async def story(ends: Ends) -> None:
        client, server = ends.datagrams()
        waiting = asyncio.create_task(server.receive(100))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await client.send(b"still here", (SERVER[4], PORT))
        assert (await server.receive(100)).kept == b"still here"

    play(story)


def test_a_connected_socket_hears_that_nobody_listens(play: Play, version: int) -> None:
    async def story(ends: Ends) -> None:
        client = ends.client.datagrams(SERVER[version])
        await client.connect((SERVER[version], CLOSED))
        await client.send(b"anybody there?")
        with pytest.raises(ConnectionRefusedError):
            await client.receive(100)

    play(story)


def test_a_socket_that_is_not_connected_hears_it_if_it_wants(play: Play, version: int) -> None:
    async def story(ends: Ends) -> None:
        client = ends.client.datagrams(SERVER[version])
        client.hear_errors()
        await client.send(b"anybody there?", (SERVER[version], CLOSED))
        with pytest.raises(ConnectionRefusedError):
            await client.receive(100)

    play(story)


def test_a_connected_socket_hears_its_peer_only(play: Play) -> None:
    async def story(ends: Ends) -> None:
        client, server = ends.datagrams()
        client.bind((CLIENT[4], 5000))
        await client.connect((SERVER[4], PORT))
        stranger = ends.server.datagrams(CLIENT[4])
        await stranger.send(b"from a stranger", (CLIENT[4], 5000))
        await server.send(b"from the peer", (CLIENT[4], 5000))
        assert (await client.receive(100)).kept == b"from the peer"
        assert client.foreign == server.local

    play(story)


def test_longer_than_any_datagram(play: Play) -> None:
    async def story(ends: Ends) -> None:
        client, server = ends.datagrams()
        await client.send(bytes(65_507), (SERVER[4], PORT))
        assert (await server.receive(65_536)).length == 65_507
        with fails_with(errno.EMSGSIZE):
            await client.send(bytes(65_508), (SERVER[4], PORT))

    play(story)


def test_a_broadcast_needs_leave(play: Play) -> None:
    async def story(ends: Ends) -> None:
        client = ends.client.datagrams(SERVER[4])
        server = ends.server.bound(udp_service(None))
        broadcast = "10.0.0.255", PORT
        with pytest.raises(PermissionError):
            await client.send(b"to all", broadcast)
        client.allow_broadcast()
        await client.send(b"to all", broadcast)
        assert (await server.receive(100)).kept == b"to all"

    play(story)


def test_a_group_is_heard_while_it_is_joined(play: Play, version: int) -> None:
    async def story(ends: Ends) -> None:
        server = ends.server.bound(udp_service(None))
        client = ends.client.datagrams(SERVER[version])
        client.set_multicast(ttl=4, loop=False, interface=INTERFACE)

        server.join(GROUP[version], INTERFACE)
        await client.send(b"to the group", (GROUP[version], PORT))
        assert (await server.receive(100)).kept == b"to the group"

        server.leave(GROUP[version], INTERFACE)
        await client.send(b"to nobody", (GROUP[version], PORT))
        await client.send(b"to the server", (SERVER[version], PORT))
        assert (await server.receive(100)).kept == b"to the server"

    play(story)


def test_a_service_joins_its_groups_on_all_interfaces(play: Play) -> None:
    async def story(ends: Ends) -> None:
        assert list(ends.server.interfaces) == [INTERFACE]
        server = ends.server.bound(udp_service(None, groups=[GROUP[4]]))
        client = ends.client.datagrams(SERVER[4])
        client.set_multicast(ttl=None, loop=None, interface=INTERFACE)
        await client.send(b"to the group", (GROUP[4], PORT))
        assert (await server.receive(100)).kept == b"to the group"

    play(story)


def test_membership_begins_and_ends_once(play: Play) -> None:
    async def story(ends: Ends) -> None:
        socket = ends.client.datagrams(SERVER[4])
        socket.join(GROUP[4], INTERFACE)
        with fails_with(errno.EADDRINUSE):
            socket.join(GROUP[4], INTERFACE)
        socket.leave(GROUP[4], INTERFACE)
        with fails_with(errno.EADDRNOTAVAIL):
            socket.leave(GROUP[4], INTERFACE)
        with fails_with(errno.ENODEV):
            socket.join(GROUP[4], "none0")

    play(story)


def test_closed_is_closed(play: Play) -> None:
    async def story(ends: Ends) -> None:
        client, _ = ends.datagrams()
        await client.close()
        await client.close()
        with fails_with(errno.EBADF):
            await client.send(b"x", (SERVER[4], PORT))

    play(story)
