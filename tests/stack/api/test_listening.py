from __future__ import annotations

import asyncio
import errno

import pytest

from netlab.testing.errnos import fails_with
from netlab.testing.worlds import SERVER, SERVER_V6, Two, two_hosts


def test_each_of_several_who_accept_gets_a_connection_of_its_own():
    async def story(two: Two) -> None:
        listener = two.server.listen((SERVER, 7))
        accepting = [asyncio.ensure_future(listener.accept()) for _ in range(3)]
        streams = [await two.client.connect((SERVER, 7)) for _ in range(3)]
        accepted = await asyncio.gather(*accepting)
        assert {a.remote for a in accepted} == {s.local for s in streams}

    two_hosts().play(story)


def test_one_that_was_cancelled_leaves_the_connection_to_the_next():
    async def story(two: Two) -> None:
        listener = two.server.listen((SERVER, 7))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await listener.accept()
        stream = await two.client.connect((SERVER, 7))
        assert (await listener.accept()).remote == stream.local
        with pytest.raises(BlockingIOError):
            listener.accept_now()

    two_hosts().play(story)


def test_a_closed_listener_lets_go_of_who_accepts_and_resets_who_waited():
    async def story(two: Two) -> None:
        listener = two.server.listen((SERVER, 7))
        stream = await two.client.connect((SERVER, 7))
        other = two.server.listen((SERVER, 8))
        accepting = asyncio.ensure_future(other.accept())
        await asyncio.sleep(0)
        other.close()
        with fails_with(errno.EBADF):
            await accepting
        listener.close()
        with fails_with(errno.ECONNRESET):
            await stream.receive(1)
        with fails_with(errno.EBADF):
            listener.accept_now()

    two_hosts().play(story)


def test_the_wildcard_serves_both_families():
    async def story(two: Two) -> None:
        listener = two.server.listen(("::", 7))
        assert listener.local == ("::", 7)
        for address in (SERVER, SERVER_V6):
            stream = await two.client.connect((address, 7))
            accepted = await listener.accept()
            assert accepted.local == stream.remote == (address, 7)

    two_hosts().play(story)


def test_the_wildcard_of_ipv4_serves_ipv4_alone():
    async def story(two: Two) -> None:
        two.server.listen(("0.0.0.0", 7))
        await two.client.connect((SERVER, 7))
        with fails_with(errno.ECONNREFUSED):
            await two.client.connect((SERVER_V6, 7))
        two.server.listen((SERVER_V6, 7))
        await two.client.connect((SERVER_V6, 7))

    two_hosts().play(story)


def test_a_port_is_chosen_and_one_in_use_is_refused():
    async def story(two: Two) -> None:
        first = two.server.listen((SERVER, 0))
        assert first.local[1] >= 32768
        with fails_with(errno.EADDRINUSE):
            two.server.listen(first.local)
        first.close()
        two.server.listen(first.local)

    two_hosts().play(story)


def test_a_client_leaves_from_where_it_was_told_to():
    async def story(two: Two) -> None:
        listener = two.server.listen((SERVER, 7))
        here = two.client.bind(("10.0.0.2", 1500))
        stream = await two.client.connect((SERVER, 7), local=here)
        assert (await listener.accept()).remote == stream.local == ("10.0.0.2", 1500)
        with fails_with(errno.EADDRNOTAVAIL):
            await two.client.connect((SERVER, 7), local=two.client.bind(("10.0.0.2", 1500)))
        other = await two.client.connect((SERVER, 7), local=two.client.bind(("", 1501)))
        assert other.local == ("10.0.0.2", 1501)

    two_hosts().play(story)
