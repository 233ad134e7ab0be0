"""What programs may rely on of a TCP connection, whoever's transport it is."""

from __future__ import annotations

import asyncio
import errno

import pytest

from netlab.testing.ends import CLIENT, CLOSED, PORT, SERVER, Ends, Play, read, tcp_service
from netlab.testing.errnos import fails_with


def test_both_ends_know_each_other(play: Play, version: int) -> None:
    async def story(ends: Ends) -> None:
        listener = ends.server.listen(tcp_service(version))
        stream = ends.client.stream(SERVER[version])
        await stream.connect((SERVER[version], PORT))
        accepted, client = await listener.accept()

        host = SERVER[version] if version == 4 else f"[{SERVER[version]}]"
        assert stream.foreign == accepted.local == listener.local == f"{host}:{PORT}"
        assert stream.local == accepted.foreign == client
        assert CLIENT[version] in client

    play(story)


def test_a_service_of_all_addresses(play: Play) -> None:
    async def story(ends: Ends) -> None:
        listener = ends.server.listen(tcp_service(None))
        assert listener.local == f"*:{PORT}"
        for version in (4, 6):
            stream = ends.client.stream(SERVER[version])
            await stream.connect((SERVER[version], PORT))
            accepted, client = await listener.accept()
            assert client == accepted.foreign == stream.local

    play(story)


def test_a_client_from_a_chosen_port(play: Play, version: int) -> None:
    async def story(ends: Ends) -> None:
        listener = ends.server.listen(tcp_service(version))
        stream = ends.client.stream(SERVER[version])
        stream.bind(("", 5000))
        assert stream.local == "*:5000"
        await stream.connect((SERVER[version], PORT))
        _, client = await listener.accept()
        assert client.endswith(":5000")

    play(story)


def test_much_goes_both_ways_at_once(play: Play, version: int) -> None:
    async def story(ends: Ends) -> None:
        stream, accepted = await ends.connected(version)
        there, back = bytes(range(256)) * 2000, bytes(reversed(range(256))) * 2000

        async with asyncio.TaskGroup() as group:
            group.create_task(stream.send(there))
            group.create_task(accepted.send(memoryview(back)))
            forth = group.create_task(read(accepted, len(there)))
            home = group.create_task(read(stream, len(back)))
        assert forth.result() == there
        assert home.result() == back

    play(story)


def test_half_closed(play: Play) -> None:
    async def story(ends: Ends) -> None:
        stream, accepted = await ends.connected()
        await stream.send(b"question")
        stream.shutdown()
        assert await read(accepted, 100) == b"question"
        assert await accepted.receive(100) == b""

        await accepted.send(b"answer")
        await accepted.close()
        assert await read(stream, 100) == b"answer"
        with pytest.raises(BrokenPipeError):
            await stream.send(b"more")

    play(story)


def test_nobody_listens(play: Play, version: int) -> None:
    async def story(ends: Ends) -> None:
        stream = ends.client.stream(SERVER[version])
        with pytest.raises(ConnectionRefusedError) as refused:
            await stream.connect((SERVER[version], CLOSED))
        assert refused.value.strerror == "Connection refused"
        await stream.close()

    play(story)


def test_a_reset(play: Play) -> None:
    async def story(ends: Ends) -> None:
        stream, accepted = await ends.connected()
        waiting = asyncio.create_task(stream.receive(100))
        await accepted.reset()
        with pytest.raises(ConnectionResetError):
            await waiting

    play(story)


def test_closed_is_closed(play: Play) -> None:
    async def story(ends: Ends) -> None:
        stream, accepted = await ends.connected()
        await stream.close()
        await stream.close()
        assert await accepted.receive(100) == b""
        with fails_with(errno.EBADF):
            await stream.send(b"x")
        with fails_with(errno.EBADF):
            await stream.receive(1)

    play(story)


def test_closing_waits_for_the_peer_where_linger_says_so(play: Play) -> None:
    async def story(ends: Ends) -> None:
        stream, accepted = await ends.connected(options={"linger": 10})
        await stream.send(b"x" * 1000)
        await stream.close()
        assert accepted.receive_now(2000) == b"x" * 1000

    play(story)


def test_who_stops_waiting_takes_nothing_away(play: Play) -> None:
    async def story(ends: Ends) -> None:
        stream, accepted = await ends.connected()
        waiting = asyncio.create_task(accepted.receive(100))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await stream.send(b"still here")
        assert await read(accepted, 10) == b"still here"

    play(story)


def test_a_receiver_that_does_not_wait(play: Play) -> None:
    async def story(ends: Ends) -> None:
        stream, accepted = await ends.connected()
        with pytest.raises(BlockingIOError):
            accepted.receive_now(100)
        await stream.send(b"now")
        await accepted.until_readable()
        assert accepted.receive_now(2) == b"no"
        assert accepted.receive_now(100) == b"w"

    play(story)


def test_a_sender_that_does_not_wait(play: Play) -> None:
    async def story(ends: Ends) -> None:
        stream, accepted = await ends.connected(options={"send_buffer": 10_000})
        sent = 0
        with fails_with(errno.EAGAIN):
            while True:
                sent += stream.send_now(bytes(50_000))
        assert sent > 0

        writable = asyncio.create_task(stream.until_writable())
        assert await read(accepted, sent) == bytes(sent)
        await writable
        assert stream.send_now(b"x") == 1

    play(story)


def test_what_comes_more_of_comes_in_the_end(play: Play) -> None:
    async def story(ends: Ends) -> None:
        stream, accepted = await ends.connected()
        await stream.send(b"a head, ", more=True)
        await stream.send(b"and a body")
        assert await read(accepted, 18) == b"a head, and a body"

    play(story)


def test_urgent_data_out_of_band(play: Play) -> None:
    async def story(ends: Ends) -> None:
        stream, accepted = await ends.connected()
        with fails_with(errno.EINVAL):
            accepted.urgent_byte()

        await stream.send(b"ab!", urgent=True)
        await stream.send(b"cd")
        await accepted.until_urgent()
        assert not accepted.is_inline
        assert accepted.urgent_byte() == b"!"
        with fails_with(errno.EINVAL):
            accepted.urgent_byte()

        assert await accepted.receive(100) == b"ab"
        assert accepted.is_at_mark
        assert await read(accepted, 2) == b"cd"

    play(story)


def test_urgent_data_inline(play: Play) -> None:
    async def story(ends: Ends) -> None:
        stream, accepted = await ends.connected(service={"urgent_inline": True})
        await stream.send(b"ab!", urgent=True)
        await accepted.until_urgent()
        assert accepted.is_inline
        assert not accepted.is_at_mark
        assert await accepted.receive(100) == b"ab"
        assert accepted.is_at_mark
        assert await accepted.receive(1) == b"!"

    play(story)


def test_ports_below_1024_are_for_the_privileged(play: Play) -> None:
    async def story(ends: Ends) -> None:
        with fails_with(errno.EACCES):
            ends.client.stream(SERVER[4]).bind(("", 80), unprivileged=True)
        ends.client.stream(SERVER[4]).bind(("", 80))

    play(story)


def test_addresses_that_cannot_be_had(play: Play, version: int) -> None:
    async def story(ends: Ends) -> None:
        with fails_with(errno.EADDRNOTAVAIL):
            ends.client.stream(SERVER[version]).bind((SERVER[version], 5000))

        first = ends.client.stream(SERVER[version])
        first.bind((CLIENT[version], 5000))
        with fails_with(errno.EADDRINUSE):
            ends.client.stream(SERVER[version]).bind((CLIENT[version], 5000))

        listener = ends.server.listen(tcp_service(version))
        with fails_with(errno.EADDRINUSE):
            ends.server.listen(tcp_service(version))
        listener.close()
        ends.server.listen(tcp_service(version)).close()
        await first.close()

    play(story)


OPTIONS = {
    "nodelay": True,
    "linger": 3,
    "user_timeout": 2.5,
    "ttl": 9,
    "tos": 0x10,
    "reuse_address": True,
    "urgent_inline": True,
    "congestion": "reno",
    "path_mtu_discovery": "do",
    "keepalive": {"on": True, "idle": 20, "interval": 3, "count": 4},
}


@pytest.mark.parametrize("name", OPTIONS)
def test_options_are_kept(play: Play, name: str, version: int) -> None:
    async def story(ends: Ends) -> None:
        stream = ends.client.stream(SERVER[version])
        asked = {name: OPTIONS[name]}
        stream.apply(asked | {"mss": None})
        assert stream.kept(asked | {"mss": None}) == asked

    play(story)


def test_a_service_has_options_as_well(play: Play) -> None:
    async def story(ends: Ends) -> None:
        options = {"nodelay": True, "acks": "default"}
        listener = ends.server.listen(tcp_service(options=options))
        assert listener.kept(options) == {"nodelay": True}

    play(story)
