from __future__ import annotations

import asyncio
import errno

import pytest

from netlab.stack.udp.settings import UdpSettings
from netlab.testing.errnos import fails_with
from netlab.testing.worlds import SERVER, SERVER_V6, Two, two_hosts

GROUP = "239.1.2.3"


def test_a_question_and_its_answer_in_both_families_on_one_socket():
    async def story(two: Two) -> None:
        server = two.server.datagrams(v6=True)
        server.bind(("::", 7))
        for v6, address in ((False, SERVER), (True, SERVER_V6)):
            client = two.client.datagrams(v6=v6)
            client.connect((address, 7))
            assert client.remote == (address, 7)
            client.send(b"hello")
            question = await server.receive()
            assert (question.data, question.sender) == (b"hello", client.local)
            assert (question.destination, question.interface) == (address, "eth0")
            server.send(b"HELLO", question.sender)
            assert (await client.receive()).data == b"HELLO"

    two_hosts().play(story)


def test_a_small_buffer_takes_the_beginning_and_the_rest_is_lost():
    async def story(two: Two) -> None:
        server = two.server.datagrams()
        server.bind((SERVER, 7))
        client = two.client.datagrams()
        client.send(b"abcdef", (SERVER, 7))
        client.send(b"g", (SERVER, 7))
        first = await server.receive(3)
        assert (first.data, first.length, first.is_truncated) == (b"abc", 6, True)
        second = await server.receive(3)
        assert (second.data, second.is_truncated) == (b"g", False)
        with pytest.raises(BlockingIOError):
            server.receive_now()

    two_hosts().play(story)


def test_nobody_has_the_port_and_who_is_connected_hears_of_it():
    async def story(two: Two) -> None:
        client = two.client.datagrams()
        client.connect((SERVER, 9))
        receiving = asyncio.ensure_future(client.receive())
        client.send(b"x")
        with fails_with(errno.ECONNREFUSED):
            await receiving
        client.send(b"again")

    two_hosts().play(story)


def test_the_error_queue_says_who_and_what():
    async def story(two: Two) -> None:
        client = two.client.datagrams(settings=UdpSettings(hear_errors=True))
        client.send(b"x", (SERVER, 9))
        with fails_with(errno.ECONNREFUSED):
            await client.receive()
        heard = client.next_error()
        assert heard is not None
        assert (heard.port, heard.errno) == (9, errno.ECONNREFUSED)
        assert client.next_error() is None

    two_hosts().play(story)


def test_a_group_is_heard_between_joining_and_leaving():
    async def story(two: Two) -> None:
        server = two.server.datagrams(settings=UdpSettings(multicast_all=False))
        server.bind(("0.0.0.0", 7))
        client = two.client.datagrams(settings=UdpSettings(multicast_interface="eth0"))
        server.join(GROUP, "eth0")
        client.send(b"one", (GROUP, 7))
        assert (await server.receive()).destination == GROUP
        server.leave(GROUP, "eth0")
        client.send(b"two", (GROUP, 7))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await server.receive()

    two_hosts().play(story)


def test_what_cannot_be_sent_says_why():
    async def story(two: Two) -> None:
        client = two.client.datagrams()
        with fails_with(errno.EDESTADDRREQ):
            client.send(b"x")
        with fails_with(errno.ENOTCONN):
            assert client.remote
        with fails_with(errno.EMSGSIZE):
            client.send(bytes(65_508), (SERVER, 7))
        with fails_with(errno.ENETUNREACH):
            client.send(b"x", ("192.0.2.1", 7))
        with fails_with(errno.EAFNOSUPPORT):
            client.send(b"x", (SERVER_V6, 7))
        with fails_with(errno.EACCES):
            client.send(b"x", ("10.0.0.255", 7))

    two_hosts().play(story)


def test_a_closed_socket_lets_go_of_who_receives_and_its_port_is_free():
    async def story(two: Two) -> None:
        server = two.server.datagrams()
        server.bind((SERVER, 7))
        receiving = asyncio.ensure_future(server.receive())
        await asyncio.sleep(0)
        server.close()
        with fails_with(errno.EBADF):
            await receiving
        two.server.datagrams().bind((SERVER, 7))

    two_hosts().play(story)
