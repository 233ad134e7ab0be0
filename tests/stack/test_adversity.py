"""Whole hosts over links that lose, delay, reorder, repeat and damage frames."""

from __future__ import annotations

import os
from random import Random

import pytest

from netlab.stack.tcp.connection import Connection
from netlab.stack.units import MILLISECOND
from netlab.testing.network import Network
from netlab.wire.address import from_text

B, B6 = from_text("10.0.0.2"), from_text("fd00::2")
#: More of them where there is time: NETLAB_ADVERSITY=10000.
RUNS = int(os.environ.get("NETLAB_ADVERSITY", "40"))


class Adversity:
    """Chances of each misfortune, up to 30 %, are drawn once for a run."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        worst = self.chance.choice((0.01, 0.05, 0.15, 0.3))
        self.loss, self.reordering, self.repetition, self.damage = (
            self.chance.uniform(0, worst) for _ in range(4)
        )

    def fate(self, frame: bytes) -> list[tuple[int, bytes]]:
        chance = self.chance
        if chance.random() < self.loss:
            return []
        delay = MILLISECOND
        if chance.random() < self.reordering:
            delay += chance.randrange(20 * MILLISECOND)
        if chance.random() < self.damage:
            frame = damaged(frame, chance)
        copies = 2 if chance.random() < self.repetition else 1
        return [(delay + copy * MILLISECOND, frame) for copy in range(copies)]


def damaged(frame: bytes, chance: Random) -> bytes:
    """One bit of it is wrong; behind the link-layer header, as a frame check sees the rest."""
    broken = bytearray(frame)
    broken[chance.randrange(14, len(frame))] ^= 1 << chance.randrange(8)
    return bytes(broken)


class End:
    """Sends all it has, says so, and reads until the other has done the same."""

    def __init__(self, connection: Connection, data: bytes) -> None:
        self.connection = connection
        self.left = memoryview(data)
        self.received = bytearray()
        self.is_shut = self.is_closed = False

    def go_on(self, now: int) -> None:
        end = self.connection
        if self.left and end.writable:
            self.left = self.left[end.send(now, self.left) :]
        if not self.left and not self.is_shut:
            end.shutdown(now)
            self.is_shut = True
        while end.readable and (data := end.receive(now, 65536)):
            self.received += data
        if self.is_shut and end.at_end:
            end.close(now)
            self.is_closed = True


@pytest.mark.parametrize("seed", range(RUNS))
def test_every_byte_arrives_both_ways_and_nothing_is_left(seed: int):
    network = Network(seed)
    link = network.link("a 10.0.0.1/24 fd00::1/64", "b 10.0.0.2/24 fd00::2/64")
    network.settle()
    link.fate = Adversity(seed).fate
    chance = Random(seed)
    sent = [chance.randbytes(chance.randrange(1, 60_000)) for _ in range(2)]

    a, b = network.hosts["a"].tcp, network.hosts["b"].tcp
    listener = b.listen(network.now, 80)
    to = chance.choice((B, B6))
    ends = [End(a.connect(network.now, to, 80), sent[0])]
    for step in range(30_000):  # most need seconds, the worst hours: timeouts back off
        network.pass_(0.05 if step < 2000 else 1)
        if len(ends) == 1 and listener.acceptable:
            ends.append(End(listener.accept(), sent[1]))
        if ends[0].connection.state.name == "CLOSED" and not ends[0].is_shut:
            ends[0] = End(a.connect(network.now, to, 80), sent[0])  # all its SYNs were lost
        open_ends = [end for end in ends if not end.is_closed]
        if len(ends) == 2 and not open_ends:
            break
        for end in open_ends:
            if end.connection.state.name not in {"SYN_SENT", "SYN_RCVD"}:
                end.go_on(network.now)
    assert [bytes(end.received) for end in ends[::-1]] == sent
    network.pass_(2000)  # a last ACK that is lost more often than TIME_WAIT waits
    assert a.next_timeout() is None
    assert b.next_timeout() is None
