"""What the driver does when interfaces do not take what the host sends."""

from __future__ import annotations

import asyncio
import errno
import socket
from typing import Any

import pytest

from netlab.agent.userspace.port import MAX_WAITING, Port
from netlab.testing.userspace import Pair, play
from netlab.wire.address import from_text

pytestmark = pytest.mark.lab


class Busy:
    """A packet socket that has no room so many times."""

    def __init__(self, real: socket.socket, times: int) -> None:
        self._real = real
        self._times = times

    def sendmsg(self, parts: Any) -> int:
        if self._times:
            self._times -= 1
            raise OSError(errno.ENOBUFS, "no room")
        return self._real.sendmsg(parts)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def the_port(pair: Pair) -> Port:
    (port,) = pair.driver.ports
    return port


async def numbers_arrive(pair: Pair, count: int, *, busy: int) -> list[int]:
    """Datagrams with the numbers from 0, through an interface that is busy at first."""
    loop = asyncio.get_running_loop()
    end = pair.kernel_socket(kind=socket.SOCK_DGRAM)
    end.bind((pair.kernel, 7))
    ours = pair.host.udp.socket()
    ours.connect(from_text(pair.kernel), 7)
    ours.send(pair.now, b"so that the neighbour is known")
    pair.driver.stirred()
    await pair.kernel_does(loop.sock_recv(end, 100))
    port = the_port(pair)
    port._socket = Busy(port._socket, busy)  # type: ignore[assignment]  # a part of a socket
    for number in range(count):
        ours.send(pair.now, number.to_bytes(2, "big"))
    pair.driver.stirred()
    return [
        int.from_bytes(await pair.kernel_does(loop.sock_recv(end, 100)), "big")
        for _ in range(count)
    ]


def test_frames_that_find_no_room_go_later_in_their_order():
    async def story(pair: Pair) -> list[Any]:
        got = await numbers_arrive(pair, 50, busy=5)
        return [got == list(range(50)), the_port(pair).dropped, len(the_port(pair).waiting)]

    assert play(story) == [True, 0, 0]


def test_of_more_frames_than_may_wait_the_newest_are_dropped():
    async def story(pair: Pair) -> list[int]:
        await numbers_arrive(pair, 1, busy=0)
        port = the_port(pair)
        port._socket = Busy(port._socket, 10**6)  # type: ignore[assignment]  # a part of a socket
        ours = pair.host.udp.socket()
        for _ in range(3):
            for _ in range(500):
                ours.send(pair.now, b"", from_text(pair.kernel), 7)
            pair.host.next_timeout()
            for frame in pair.host.to_send(pair.now):
                port.send(frame)
        return [len(port.waiting), port.dropped]

    assert play(story) == [MAX_WAITING, 500]


def test_a_link_whose_other_end_is_down_takes_nothing_and_nothing_waits_for_it():
    async def story(pair: Pair) -> list[Any]:
        await numbers_arrive(pair, 1, busy=0)
        await pair.run("ip", "link", "set", "eth0", "down")
        port = the_port(pair)
        port._socket = Busy(port._socket, 10**6)  # type: ignore[assignment]  # a part of a socket
        ours = pair.host.udp.socket()
        ours.send(pair.now, b"lost", from_text(pair.kernel), 7)
        pair.driver.stirred()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return [len(port.waiting), port.dropped]

    assert play(story) == [0, 1]


def test_a_host_without_an_interface_of_that_name():
    async def story(pair: Pair) -> str:
        try:
            pair.driver.add_port("eth7")
        except OSError as error:
            return error.strerror or ""
        return "it was added"

    assert play(story) == "eth7: No such device"
