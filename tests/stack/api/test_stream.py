"""Stories of programs on two hosts; their clock jumps to whatever happens next."""

from __future__ import annotations

import asyncio
import errno

import pytest

from netlab.backends.sim.link import PROPAGATION
from netlab.stack.api.stream import StackStream
from netlab.stack.tcp.settings import Keepalive, Settings
from netlab.stack.units import SECOND
from netlab.testing.errnos import fails_with
from netlab.testing.worlds import SERVER, Two, two_hosts
from netlab.wire.states import State

MEGABYTE = bytes(range(256)) * 4096


async def read_all(stream: StackStream) -> bytes:
    parts = []
    while part := await stream.receive(1 << 16):
        parts.append(part)
    return b"".join(parts)


def test_what_is_sent_is_received_and_then_the_end():
    async def story(two: Two) -> None:
        client, server = await two.connected()
        await client.send(b"hello")
        client.shutdown()
        assert await read_all(server) == b"hello"
        await server.send(b"HELLO")
        await server.close()
        assert await read_all(client) == b"HELLO"
        assert (client.remote, server.remote) == (server.local, client.local)
        assert server.local == (SERVER, 7)
        await client.close()

    two_hosts().play(story)


def test_one_that_need_not_wait_lets_others_take_their_turn():
    async def story(two: Two) -> None:
        client, server = await two.connected()
        await client.send(b"x")
        for until in (client.until_writable, server.until_readable):
            await until()
            others = asyncio.Event()
            asyncio.get_running_loop().call_soon(others.set)
            await until()
            assert others.is_set()

    two_hosts().play(story)


def test_more_than_all_buffers_hold_goes_both_ways_at_once():
    settings = Settings(send_buffer=20_000, receive_buffer=20_000)

    async def story(two: Two) -> None:
        client, server = await two.connected(settings=settings, server=settings)

        async def talk(stream: StackStream) -> bytes:
            sending = asyncio.ensure_future(stream.send(MEGABYTE))
            received = bytearray()
            while len(received) < len(MEGABYTE):
                received += await stream.receive(3000)
            await sending
            return bytes(received)

        for received in await asyncio.gather(talk(client), talk(server)):
            assert received == MEGABYTE

    two_hosts().play(story)


def test_a_writer_waits_for_a_reader():
    async def story(two: Two) -> None:
        client, server = await two.connected(settings=Settings(send_buffer=10_000))
        taken = client.send_now(bytes(50_000))
        assert taken == 10_000
        with pytest.raises(BlockingIOError):
            client.send_now(b"more")
        await client.until_writable()
        assert client.send_now(b"more") == 4
        assert len(await server.receive(5)) == 5

    two_hosts().play(story)


def test_a_full_buffer_that_was_filled_exactly_is_writable_again_later():
    async def story(two: Two) -> None:
        client, _ = await two.connected(settings=Settings(send_buffer=10_000))
        assert client.send_now(bytes(10_000)) == 10_000
        async with asyncio.timeout(1):
            await client.until_writable()
        assert client.send_now(b"more") == 4

    two_hosts().play(story)


def test_nobody_listens_so_the_attempt_is_refused_at_once():
    async def story(two: Two) -> None:
        with pytest.raises(ConnectionRefusedError):
            await two.client.connect((SERVER, 9))

    two = two_hosts()
    before = two.now
    two.play(story)
    assert two.now - before < SECOND


def test_nobody_answers_so_the_attempt_times_out():
    async def story(two: Two) -> int:
        two.network.set_up("c1 -- server", is_up=False)
        before = two.now
        # No neighbour answers either: which the path tells, and the user hears.
        with fails_with(errno.ETIMEDOUT, errno.EHOSTUNREACH):
            await two.client.connect((SERVER, 9))
        return two.now - before

    assert two_hosts().play(story) > 2 * SECOND


def test_who_stops_waiting_for_a_connection_leaves_nothing_behind():
    async def story(two: Two) -> None:
        two.network.set_up("c1 -- server", is_up=False)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2.5):
                await two.client.connect((SERVER, 9))
        assert len(two.client.driver.host.tcp.sockets) == 0
        assert len(two.client.waiting) == 0

    two_hosts().play(story)


@pytest.mark.parametrize("later", range(5))
def test_a_read_that_is_cancelled_when_data_comes_has_taken_it_or_left_it(later: int):
    async def story(two: Two) -> None:
        client, server = await two.connected()
        reading = asyncio.ensure_future(server.receive(100))
        await asyncio.sleep(0.1)
        await client.send(b"hello")
        # At the very instant of its arrival, a few steps of the event loop later.
        came = asyncio.get_running_loop().create_future()
        world = two.network.world
        world.at(world.now + PROPAGATION, lambda: world.touch(99, lambda: came.set_result(None)))
        await came
        for _ in range(later):
            await asyncio.sleep(0)
        reading.cancel()
        [result] = await asyncio.gather(reading, return_exceptions=True)
        if isinstance(result, asyncio.CancelledError):
            result = server.receive_now(100)
        assert result == b"hello"
        assert len(two.server.waiting) == 0

    two_hosts().play(story)


def test_two_readers_share_what_comes():
    async def story(two: Two) -> None:
        client, server = await two.connected()
        first, second = (asyncio.ensure_future(server.receive(3)) for _ in range(2))
        await client.send(b"abcdef")
        assert {await first, await second} == {b"abc", b"def"}

    two_hosts().play(story)


def test_the_peer_resets_and_the_next_call_says_so_once():
    async def story(two: Two) -> None:
        client, server = await two.connected()
        reading = asyncio.ensure_future(client.receive(1))
        await asyncio.sleep(0.01)
        server.abort()
        with pytest.raises(ConnectionResetError):
            await reading
        with pytest.raises(BrokenPipeError):
            await client.send(b"x")
        assert client.state is State.CLOSED

    two_hosts().play(story)


def test_after_close_every_call_says_that_it_is_closed():
    async def story(two: Two) -> None:
        client, _ = await two.connected()
        reading = asyncio.ensure_future(client.receive(1))
        await asyncio.sleep(0.01)
        await client.close()
        await client.close()
        client.abort()
        with fails_with(errno.EBADF):
            await reading
        for call in (client.shutdown, lambda: client.send_now(b"x"), lambda: client.receive_now(1)):
            with fails_with(errno.EBADF):
                call()

    two_hosts().play(story)


def test_a_lingering_close_waits_for_the_peer_to_have_everything():
    async def story(two: Two) -> None:
        settings = Settings(linger=10 * SECOND)
        client, server = await two.connected(
            settings=settings, server=Settings(receive_buffer=2000)
        )
        await client.send(bytes(50_000))
        closing = asyncio.ensure_future(client.close())
        await asyncio.sleep(1)
        assert not closing.done()
        assert len(await read_all(server)) == 50_000
        async with asyncio.timeout(1):
            await closing

    two_hosts().play(story)


def test_a_lingering_close_gives_up_when_its_time_is_over():
    async def story(two: Two) -> int:
        settings = Settings(linger=3 * SECOND)
        client, _ = await two.connected(settings=settings, server=Settings(receive_buffer=2000))
        await client.send(bytes(50_000))
        before = two.now
        await client.close()
        return two.now - before

    assert two_hosts().play(story) == pytest.approx(3 * SECOND, abs=1000)


def test_the_last_urgent_byte_is_out_of_band_and_read_once():
    async def story(two: Two) -> None:
        client, server = await two.connected()
        await client.send(b"abc", urgent=True)
        await client.send(b"def")
        await server.until_urgent()
        assert server.urgent_ahead == 3
        assert server.receive_urgent_now() == b"c"
        with fails_with(errno.EINVAL):
            server.receive_urgent_now()
        assert await server.receive(9) == b"ab"
        assert server.is_at_mark
        assert await server.receive(9) == b"def"
        assert not server.is_at_mark
        await client.close()
        assert await server.receive(9) == b""
        with pytest.raises(ConnectionResetError):
            await server.until_urgent()

    two_hosts().play(story)


def test_an_urgent_byte_inline_is_read_in_its_place():
    async def story(two: Two) -> None:
        client, server = await two.connected(server=Settings(urgent_inline=True))
        await client.send(b"abc", urgent=True)
        await client.send(b"def")
        await server.until_urgent()
        with fails_with(errno.EINVAL):
            server.receive_urgent_now()
        assert await server.receive(9) == b"ab"
        assert server.is_at_mark
        assert await server.receive(1) == b"c"
        assert not server.is_at_mark

    two_hosts().play(story)


def test_an_urgent_byte_that_was_announced_alone_is_not_here_yet():
    async def story(two: Two) -> None:
        client, server = await two.connected(server=Settings(receive_buffer=4096))
        await client.send(bytes(6000))
        await client.send(b"!", urgent=True)
        await asyncio.sleep(1)
        with fails_with(errno.EAGAIN):
            server.receive_urgent_now()
        unread = 6000
        while unread:
            unread -= len(await server.receive(unread))
        await server.until_urgent()
        assert server.receive_urgent_now() == b"!"

    two_hosts().play(story)


def test_more_to_come_is_waited_for_but_not_for_long():
    async def story(two: Two) -> tuple[int, bytes, bytes]:
        client, server = await two.connected()
        await client.send(b"head ", more=True)
        await client.send(b"body")
        whole = await server.receive(99)
        await asyncio.sleep(1)
        before = two.now
        await client.send(b"alone", more=True)
        alone = await server.receive(99)
        return two.now - before, whole, alone

    took, whole, alone = two_hosts().play(story)
    assert (whole, alone) == (b"head body", b"alone")
    assert SECOND // 10 < took < SECOND

    two_hosts().play(story)


def test_an_hour_of_keepalive_passes_at_once():
    async def story(two: Two) -> None:
        client, server = await two.connected()
        client.change(keepalive=Keepalive(idle=10 * SECOND, interval=SECOND, count=3))
        await asyncio.sleep(3600)
        assert client.state is server.state is State.ESTABLISHED
        two.network.set_up("c1 -- server", is_up=False)
        with fails_with(errno.ETIMEDOUT, errno.EHOSTUNREACH):
            await client.receive(1)

    two_hosts().play(story)


def test_options_of_the_handshake_cannot_change_later():
    async def story(two: Two) -> None:
        client, _ = await two.connected()
        client.change(nodelay=True, user_timeout=5 * SECOND, send_buffer=1000)
        assert client.send_now(bytes(5000)) == 1000
        with fails_with(errno.EINVAL):
            client.change(sack=False)
        with pytest.raises(TypeError):
            client.change(colour="red")

    two_hosts().play(story)


def test_what_is_no_address_is_refused_in_words():
    async def story(two: Two) -> None:
        with pytest.raises(OSError, match="'server' is no address"):
            await two.client.connect(("server", 7))
        with pytest.raises(OSError, match="no address of IP"):
            await two.client.connect(("02:00:00:00:00:01", 7))

    two_hosts().play(story)
