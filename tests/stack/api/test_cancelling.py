"""Readers and writers that are cancelled at any moment lose nothing and send nothing twice."""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from netlab.stack.api.stream import StackStream
from netlab.stack.tcp.settings import Settings
from netlab.testing.worlds import Two, two_hosts
from netlab.topology.impairment import Impairment, Profile

_PATIENCE = st.sampled_from([0.0, 0.0001, 0.02, 0.3])


def chunk(number: int, size: int) -> bytes:
    """The upper bits of each byte say whose it is, the lower ones where it stands."""
    pattern = bytes(number << 5 | place for place in range(31))
    return (pattern * (size // 31 + 1))[:size]


async def write(stream: StackStream, chunks: list[tuple[int, float]]) -> list[bool]:
    """Send chunks one after the other; whether each had the time."""
    whole = []
    for number, (size, patience) in enumerate(chunks):
        try:
            async with asyncio.timeout(patience):
                await stream.send(chunk(number, size))
            whole.append(True)
        except TimeoutError:
            whole.append(False)
    stream.shutdown()
    return whole


async def read(stream: StackStream, patience: list[float]) -> bytes:
    """To the end, giving up and trying again at first."""
    received = b""
    for seconds in patience:
        try:
            async with asyncio.timeout(seconds):
                received += await stream.receive(5000)
        except TimeoutError:
            continue
    while data := await stream.receive(5000):
        received += data
    return received


@settings(max_examples=25, deadline=None)
@given(
    chunks=st.lists(st.tuples(st.integers(1, 20_000), _PATIENCE), min_size=1, max_size=6),
    patience=st.lists(_PATIENCE, max_size=12),
    seed=st.integers(0, 1000),
)
def test_what_arrives_is_the_beginning_of_each_chunk_in_order(
    chunks: list[tuple[int, float]], patience: list[float], seed: int
):
    impairment = Impairment(forward=Profile(delay=0.01, loss=0.05, reorder=0.05))

    async def story(two: Two) -> tuple[list[bool], bytes]:
        small = Settings(send_buffer=4000, receive_buffer=4000)
        client, server = await two.connected(settings=small, server=small)
        writing = asyncio.ensure_future(write(client, chunks))
        received = await read(server, patience)
        return await writing, received

    whole, received = two_hosts(impairment, seed=seed).play(story)
    place = 0
    for number, (size, _) in enumerate(chunks):
        length = sum(byte >> 5 == number for byte in received)
        assert length == size if whole[number] else length <= size
        assert received[place : place + length] == chunk(number, size)[:length]
        place += length
    assert place == len(received)
