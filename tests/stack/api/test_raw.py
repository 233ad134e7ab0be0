from __future__ import annotations

import asyncio
import errno

import pytest

from netlab.testing.errnos import fails_with
from netlab.testing.worlds import SERVER, SERVER_V6, Two, two_hosts
from netlab.wire import icmp, icmpv6
from netlab.wire.icmp import Icmp


def test_a_ping_and_its_answer():
    async def story(two: Two) -> None:
        socket = two.client.raw(icmp.PROTOCOL)
        socket.send(Icmp(icmp.Type.ECHO, 0).emit(b"hello"), SERVER)
        answer = await socket.receive()
        assert answer.payload[0] == icmp.Type.ECHO_REPLY
        assert answer.payload.endswith(b"hello")

    two_hosts().play(story)


def test_a_ping_of_ipv6_among_other_messages():
    async def story(two: Two) -> None:
        socket = two.client.raw(icmpv6.PROTOCOL, v6=True)
        socket.choose(lambda found: found.payload[0] == icmpv6.Type.ECHO_REPLY)
        socket.send(bytes((icmpv6.Type.ECHO_REQUEST, 0)) + bytes(6) + b"hello", SERVER_V6)
        answer = await socket.receive()
        assert answer.payload.endswith(b"hello")
        with pytest.raises(BlockingIOError):
            socket.receive_now()

    two_hosts().play(story)


def test_a_closed_socket_lets_go_of_who_receives():
    async def story(two: Two) -> None:
        socket = two.client.raw(icmp.PROTOCOL)
        receiving = asyncio.ensure_future(socket.receive())
        await asyncio.sleep(0)
        socket.close()
        with fails_with(errno.EBADF):
            await receiving
        with fails_with(errno.EBADF):
            socket.send(b"x", SERVER)

    two_hosts().play(story)
