"""Transfers with the kernel over links that lose, delay, reorder, duplicate and corrupt."""

from __future__ import annotations

import asyncio
import os
import socket

import pytest

from netlab.testing.userspace import Pair, Setting, play
from netlab.topology.impairment import Profile

pytestmark = pytest.mark.lab

WEATHER = {
    "loss": Profile(loss=0.02, delay=0.002),
    "jitter": Profile(delay=0.003, jitter=0.002),
    "reorder": Profile(delay=0.002, reorder=0.05),
    "duplicate": Profile(duplicate=0.1),
    "corrupt": Profile(corrupt=0.02, delay=0.001),
    "all": Profile(
        loss=0.01, delay=0.002, jitter=0.001, reorder=0.02, duplicate=0.02, corrupt=0.01
    ),
}
SIZE = 400_000


@pytest.mark.parametrize("name", WEATHER)
def test_every_byte_arrives_both_ways(name: str):
    async def story(pair: Pair) -> list[bool]:
        listener = pair.kernel_listener(7)
        connection = await pair.connect(7)
        end = await pair.kernel_accept(listener)
        ours, theirs = os.urandom(SIZE), os.urandom(SIZE)

        async def kernel_sends() -> None:
            await asyncio.get_running_loop().sock_sendall(end, theirs)
            end.shutdown(socket.SHUT_WR)

        async def we_send() -> None:
            await pair.send(connection, ours, 15)
            pair.shutdown(connection)

        _, _, there, here = await asyncio.gather(
            kernel_sends(),
            we_send(),
            pair.kernel_receive_all(end, 15),
            pair.receive_all(connection, 15),
        )
        return [there == ours, here == theirs]

    weather = WEATHER[name]
    assert play(story, Setting(forward=weather, backward=weather)) == [True, True]


@pytest.mark.parametrize("v6", [False, True], ids=["v4", "v6"])
@pytest.mark.parametrize("fast", [False, True], ids=["wire", "fast"])
def test_behind_a_router_whose_other_link_carries_less(fast: bool, v6: bool):
    async def story(pair: Pair) -> list[object]:
        if not fast:
            pair.capture()
        listener = pair.kernel_listener(7, v6=v6)
        connection = await pair.connect(7, v6=v6)
        end = await pair.kernel_accept(listener)
        data = os.urandom(300_000)

        async def we_send() -> None:
            await pair.send(connection, data)
            pair.shutdown(connection)

        _, got = await asyncio.gather(we_send(), pair.kernel_receive_all(end))
        return [got == data, pair.host.ip.sender.mtu(connection.pair.remote)]

    setting = Setting(between="router", far_mtu=1300, fast=fast)
    assert play(story, setting) == [True, 1300]
