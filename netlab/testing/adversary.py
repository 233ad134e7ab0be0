"""Two programs that talk over a link which does its worst, all of it chosen by a number."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from random import Random

from netlab.stack.api.stream import StackStream
from netlab.stack.tcp.profile import PROFILES
from netlab.stack.tcp.profile import Profile as System
from netlab.stack.tcp.settings import Settings
from netlab.testing import worlds
from netlab.topology.impairment import Impairment, Profile

#: Seconds of virtual time after which a conversation that goes on is called a deadlock.
PATIENCE = 48 * 3600.0
#: And for both hosts to forget it when it is over: 2 MSL, or what a lost FIN costs.
_FORGOTTEN = 4 * 3600.0

#: The worst chance of each: loss, reordering, duplication, corruption.
WORST = 0.3


@dataclass(frozen=True, slots=True)
class Talk:
    """What one end does: ``size`` bytes in pieces, and reads in pieces, with pauses (s)."""

    size: int
    written: int
    read: int
    pause: float
    settings: Settings


@dataclass(frozen=True, slots=True)
class Outcome:
    """``seconds`` of virtual time until both had everything."""

    seconds: float
    bytes: int


def adversity(seed: int) -> Outcome:
    """Play the conversation of this number.

    AssertionError when a byte is wrong, when it never ends, or when something is left of it.
    """
    chance = Random(f"adversary {seed}")  # noqa: S311 - to be repeated
    impairment = Impairment(forward=_profile(chance), backward=_profile(chance))
    system = patient(PROFILES[chance.choice(sorted(PROFILES))])
    two = worlds.two_hosts(impairment, seed=seed, profile=system)
    talks = _talk(chance), _talk(chance)
    address = chance.choice((worlds.SERVER, worlds.SERVER_V6))
    return two.play(lambda two: _converse(two, address, talks, chance))


def patient(system: System) -> System:
    """One that never gives up, since a link this bad would often make it."""
    return replace(system, syn_retries=1000, syn_ack_retries=1000, retries=1000)


def _profile(chance: Random) -> Profile:
    def up_to_worst() -> float:
        return chance.choice((0.0, WORST * chance.random(), WORST * chance.random()))

    return Profile(
        delay=chance.choice((0.0, 0.001, 0.02, 0.1)),
        jitter=chance.choice((0.0, 0.0005, 0.01)),
        loss=up_to_worst(),
        reorder=up_to_worst(),
        reorder_by=chance.choice((0.001, 0.01, 0.05)),
        duplicate=up_to_worst(),
        corrupt=up_to_worst(),
    )


def _talk(chance: Random) -> Talk:
    buffers = (None, 1000, 4096, 65536)
    return Talk(
        size=chance.choice((0, 1, chance.randrange(3000), chance.randrange(60_000))),
        written=chance.choice((1, 100, 1460, 50_000)),
        read=chance.choice((10, 1000, 65536)),
        pause=chance.choice((0.0, 0.0, 0.001, 0.3)),
        settings=Settings(
            nodelay=chance.random() < 0.3,
            send_buffer=chance.choice(buffers),
            receive_buffer=chance.choice(buffers),
            sack=chance.random() < 0.8,
            timestamps=chance.random() < 0.8,
            window_scaling=chance.random() < 0.8,
            ecn=chance.random() < 0.3,
            max_segment=chance.choice((None, 88, 536)),
        ),
    )


async def _converse(
    two: worlds.Two, address: str, talks: tuple[Talk, Talk], chance: Random
) -> Outcome:
    started = two.now
    data = tuple(chance.randbytes(talk.size) for talk in talks)
    try:
        async with asyncio.timeout(PATIENCE):
            listener = two.server.listen((address, 7), settings=talks[1].settings)
            client = await two.client.connect((address, 7), settings=talks[0].settings)
            server = await listener.accept()
            received = await asyncio.gather(
                _play(client, talks[0], data[0]), _play(server, talks[1], data[1])
            )
            await asyncio.gather(client.close(), server.close())
            listener.close()
    except TimeoutError:
        raise AssertionError(f"no end after {PATIENCE} s: {client!r} {server!r}") from None
    seconds = (two.now - started) / 1e9
    assert received[1] == data[0], "the server received something else"
    assert received[0] == data[1], "the client received something else"
    await _until_forgotten(two)
    return Outcome(seconds, sum(map(len, data)))


async def _play(stream: StackStream, talk: Talk, data: bytes) -> bytes:
    """Send and receive at the same time, to both ends."""
    received, _ = await asyncio.gather(_receive(stream, talk), _send(stream, talk, data))
    return received


async def _receive(stream: StackStream, talk: Talk) -> bytes:
    received = bytearray()
    while part := await stream.receive(talk.read):
        received += part
        if talk.pause and len(received) < 20 * talk.read:
            await asyncio.sleep(talk.pause)
    return bytes(received)


async def _send(stream: StackStream, talk: Talk, data: bytes) -> None:
    step = max(talk.written, len(data) // 1000)
    for start in range(0, len(data), step):
        await stream.send(data[start : start + step])
    stream.shutdown()


async def _until_forgotten(two: worlds.Two) -> None:
    hosts = [station.host for station in two.network.stations.values()]
    for _ in range(100):
        if not any(len(host.tcp.sockets) for host in hosts):
            break
        await asyncio.sleep(_FORGOTTEN / 100)
    left = [connection for host in hosts for connection in host.tcp.sockets]
    assert not left, f"what is over is not forgotten: {left}"
    assert [host.tcp.next_timeout() for host in hosts] == [None, None], "a timer is left"
    waiting = [len(programs.waiting) for programs in (two.client, two.server)]
    assert waiting == [0, 0], "somebody waits for what is over"
