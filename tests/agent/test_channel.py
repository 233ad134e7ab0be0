from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlab.agent.channel import Caller, Channel, ChannelClosed, Message

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc"), inner, max_size=3),
    max_leaves=5,
)


class Peer:
    """The far end of a channel, played by the test line by line."""

    def __init__(self, endpoint: socket.socket) -> None:
        endpoint.setblocking(False)
        self._endpoint = endpoint
        self._input = b""

    async def request(self) -> Message:
        loop = asyncio.get_running_loop()
        while b"\n" not in self._input:
            self._input += await loop.sock_recv(self._endpoint, 65_536)
        line, _, self._input = self._input.partition(b"\n")
        message: Message = json.loads(line)
        return message

    async def say(self, message: Message) -> None:
        await self.write(json.dumps(message).encode() + b"\n")

    async def write(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self._endpoint, data)

    def close(self) -> None:
        self._endpoint.close()


def converse(play: Callable[[Caller, Peer, list[Message]], Awaitable[None]]) -> None:
    """Run a dialogue between a caller and a played peer; the list takes the events."""

    async def run() -> None:
        ours, theirs = socket.socketpair()
        events: list[Message] = []
        caller, peer = Caller(await Channel.open(ours), events.append), Peer(theirs)
        async with asyncio.timeout(10):
            await play(caller, peer, events)
        caller.close()
        peer.close()
        await caller.wait_closed()

    asyncio.run(run())


def receive_all(*chunks: bytes) -> list[Message]:
    """What a channel makes of ``chunks``, each written on its own, and the end."""

    async def run() -> list[Message]:
        ours, theirs = socket.socketpair()
        peer = Peer(theirs)
        channel = await Channel.open(ours)
        for chunk in chunks:
            await peer.write(chunk)
            await asyncio.sleep(0)
        peer.close()
        messages = []
        while message := await channel.receive():
            messages.append(message)
        channel.close()
        return messages

    return asyncio.run(run())


def test_each_answer_finds_its_request_whatever_their_order():
    async def play(caller: Caller, peer: Peer, _: list[Message]) -> None:
        first = asyncio.create_task(caller.call("connect", port=7))
        second = asyncio.create_task(caller.call("close"))
        asked = [await peer.request(), await peer.request()]
        assert [request["do"] for request in asked] == ["connect", "close"]
        assert asked[0]["port"] == 7
        await peer.say({"id": asked[1]["id"], "ok": False})
        await peer.say({"id": asked[0]["id"], "ok": True})
        assert (await first)["ok"]
        assert not (await second)["ok"]

    converse(play)


def test_events_come_in_order_and_belong_to_no_request():
    async def play(caller: Caller, peer: Peer, events: list[Message]) -> None:
        asked = asyncio.create_task(caller.call("send"))
        number = (await peer.request())["id"]
        await peer.say({"event": {"kind": "op", "number": 1}})
        await peer.say({"event": {"kind": "op", "number": 2}})
        await peer.say({"id": number, "ok": True})
        await asked
        assert [event["number"] for event in events] == [1, 2]

    converse(play)


def test_a_peer_that_ends_before_it_answers():
    async def play(caller: Caller, peer: Peer, _: list[Message]) -> None:
        asked = asyncio.create_task(caller.call("connect"))
        await peer.request()
        peer.close()
        with pytest.raises(ChannelClosed, match="the other side ended"):
            await asked
        with pytest.raises(ChannelClosed, match="nobody is there to close"):
            await caller.call("close")

    converse(play)


def test_an_answer_that_comes_just_as_its_caller_gives_up():
    async def play(caller: Caller, peer: Peer, _: list[Message]) -> None:
        given_up = asyncio.create_task(caller.call("connect"))
        number = (await peer.request())["id"]
        await peer.say({"id": number, "ok": True})
        next(iter(caller._waiting.values())).cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
        still = asyncio.create_task(caller.call("close"))
        await peer.say({"id": (await peer.request())["id"], "ok": True})
        assert (await still)["ok"]

    converse(play)


def test_an_answer_that_nobody_waits_for_is_ignored():
    async def play(caller: Caller, peer: Peer, _: list[Message]) -> None:
        await peer.say({"id": 99, "ok": True})
        asked = asyncio.create_task(caller.call("close"))
        await peer.say({"id": (await peer.request())["id"], "ok": True})
        assert (await asked)["ok"]

    converse(play)


@pytest.mark.parametrize("nonsense", [b"not JSON\n", b"\xff\xfe\n", b'{"id": 1, "ok"\n'])
def test_a_peer_that_talks_nonsense_is_as_good_as_gone(nonsense: bytes):
    async def play(caller: Caller, peer: Peer, _: list[Message]) -> None:
        asked = asyncio.create_task(caller.call("connect"))
        await peer.request()
        await peer.write(nonsense)
        with pytest.raises(ChannelClosed):
            await asked

    converse(play)


def test_a_line_may_come_in_pieces():
    assert receive_all(b'{"id', b'": 1}\n{"id":', b" 2}\n") == [{"id": 1}, {"id": 2}]


def test_a_line_that_the_end_cut_short_is_no_message():
    assert receive_all(b'{"id": 1}\n{"id": 2}') == [{"id": 1}]


def test_what_is_sent_is_what_is_received():
    """On one event loop and one channel, for they are slow to close."""

    async def open_both() -> tuple[Channel, Channel]:
        ours, theirs = socket.socketpair()
        return await Channel.open(ours), await Channel.open(theirs)

    async def exchange(message: Message) -> Message | None:
        await one.send(message)
        return await other.receive()

    with asyncio.Runner() as runner:
        one, other = runner.run(open_both())

        @settings(deadline=None)
        @given(st.dictionaries(st.text("abc", min_size=1), JSON_VALUES, min_size=1, max_size=4))
        def one_message(message: Message) -> None:
            assert runner.run(exchange(message)) == message

        one_message()
        one.close()
        other.close()
        runner.run(asyncio.sleep(0))
