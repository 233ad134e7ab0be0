"""How connections with the kernel end, other than by two FINs; and what keeps them from it."""

from __future__ import annotations

import asyncio
import errno
import socket
import struct
from typing import Any

import pytest

from netlab.stack.tcp.connection import Connection
from netlab.stack.tcp.settings import Keepalive, Settings
from netlab.testing.userspace import Pair, play

pytestmark = pytest.mark.lab

#: Our answers to data and to probes that find a closed window.
CLOSED = "ip.src == 10.0.0.1 and tcp.window_size == 0"
MILLISECOND = 1_000_000
NO_LINGER = struct.pack("ii", 1, 0)


async def connected(pair: Pair, **options: Any) -> tuple[Connection, socket.socket]:
    listener = pair.kernel_listener(7)
    connection = await pair.connect(7, **options)
    end = await pair.kernel_accept(listener)
    listener.close()
    return connection, end


def test_nobody_listens_at_the_kernel():
    async def story(pair: Pair) -> list[object]:
        pair.capture()
        connection = await pair.connect(7)
        pair.nothing_suspicious(but="tcp.flags.reset == 1")
        return [connection.state.value, connection.error]

    assert play(story) == ["CLOSED", errno.ECONNREFUSED]


def test_nobody_listens_here():
    async def story(pair: Pair) -> int:
        end = pair.kernel_socket()
        try:
            await asyncio.get_running_loop().sock_connect(end, (pair.user, 7))
        except OSError as error:
            return error.errno or 0
        return 0

    assert play(story) == errno.ECONNREFUSED


def test_the_kernel_resets():
    async def story(pair: Pair) -> int:
        connection, end = await connected(pair)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        end.close()
        await pair.until(lambda: connection.state.value == "CLOSED")
        return connection.error

    assert play(story) == errno.ECONNRESET


def test_the_userspace_host_resets():
    async def story(pair: Pair) -> int:
        connection, end = await connected(pair)
        pair.abort(connection)
        try:
            await pair.kernel_receive_all(end)
        except OSError as error:
            return error.errno or 0
        return 0

    assert play(story) == errno.ECONNRESET


def test_each_side_sends_after_the_other_has_said_its_last():
    async def story(pair: Pair) -> list[str]:
        pair.capture()
        connection, end = await connected(pair)
        pair.shutdown(connection)
        assert await pair.kernel_receive_all(end) == b""
        await asyncio.get_running_loop().sock_sendall(end, b"x" * 100_000)
        end.shutdown(socket.SHUT_WR)
        assert len(await pair.receive_all(connection)) == 100_000
        pair.nothing_suspicious(but="tcp.analysis.window_full")
        return pair.states()

    assert play(story) == ["SYN_SENT", "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "TIME_WAIT"]


def test_the_kernel_closes_its_window_and_opens_it_again():
    async def story(pair: Pair) -> list[object]:
        pair.capture()
        connection, end = await connected(pair)
        size = 8 << 20
        sending = asyncio.ensure_future(pair.send(connection, bytes(size)))
        await pair.until(lambda: connection.cb.snd_wnd == 0)
        await pair.until(lambda: connection.output.probed >= 1, 20)
        got = 0
        while got < size:
            got += len(await asyncio.get_running_loop().sock_recv(end, 1 << 18))
        await sending
        probes = pair.tshark("ip.src == 10.0.0.1 and tcp.analysis.keep_alive", "frame.number")
        return [got == size, len(probes) >= 1]

    assert play(story) == [True, True]


def test_our_window_closes_and_the_kernel_probes_it():
    async def story(pair: Pair) -> list[bool]:
        pair.capture()
        settings = Settings(receive_buffer=20_000)
        connection, end = await connected(pair, settings=settings)
        loop = asyncio.get_running_loop()
        sending = asyncio.ensure_future(loop.sock_sendall(end, bytes(200_000)))
        await pair.until(lambda: connection.receiving.queued >= 18_000)
        before = pair.seen
        await pair.until(lambda: pair.seen >= before + 2)  # a probe, and what it is told
        assert pair.tshark(CLOSED, "frame.number")
        got = 0
        while got < 200_000:
            got += len(await pair.receive(connection))
        await sending
        return [got == 200_000]

    assert play(story) == [True]


def test_the_kernel_answers_what_keeps_a_connection_alive():
    async def story(pair: Pair) -> str:
        # The kernel answers such a question every 500 ms at most (tcp_invalid_ratelimit).
        keepalive = Keepalive(idle=600 * MILLISECOND, interval=600 * MILLISECOND, count=3)
        connection, _end = await connected(pair, settings=Settings(keepalive=keepalive))

        heard: set[int] = set()

        def answered_thrice() -> bool:
            heard.add(connection.heard_at)
            return len(heard) > 3

        await pair.until(answered_thrice)
        return connection.state.value

    assert play(story) == "ESTABLISHED"


def test_a_kernel_that_has_vanished_ends_a_connection_that_is_kept_alive():
    async def story(pair: Pair) -> int:
        keepalive = Keepalive(idle=20 * MILLISECOND, interval=20 * MILLISECOND, count=3)
        connection, end = await connected(pair, settings=Settings(keepalive=keepalive))
        await pair.run("ip", "link", "set", "eth0", "arp", "off")
        await pair.run("ip", "address", "flush", "dev", "eth0")
        await pair.until(lambda: connection.state.value == "CLOSED")
        end.close()
        return connection.error

    assert play(story) == errno.ETIMEDOUT
