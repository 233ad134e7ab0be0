from __future__ import annotations

import asyncio
import os
import socket

import pytest

from netlab.testing.userspace import Pair, Setting, play

pytestmark = pytest.mark.lab


def test_a_handshake_and_an_orderly_close_that_the_userspace_host_begins():
    async def story(pair: Pair) -> list[str]:
        pair.capture()
        listener = pair.kernel_listener(7)
        connection = await pair.connect(7)
        end = await pair.kernel_accept(listener)
        await pair.send(connection, b"hello")
        assert await pair.kernel_does(asyncio.get_running_loop().sock_recv(end, 100)) == b"hello"
        pair.close(connection)
        assert await pair.kernel_receive_all(end) == b""
        end.close()
        await pair.until(lambda: connection.state.value == "TIME_WAIT")
        pair.nothing_suspicious()
        return pair.states()

    assert play(story) == ["SYN_SENT", "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "TIME_WAIT"]


def test_a_handshake_that_the_kernel_begins_and_ends():
    async def story(pair: Pair) -> list[str]:
        pair.capture()
        listener = pair.host.tcp.listen(pair.now, 7)
        end = pair.kernel_socket()
        await pair.kernel_does(asyncio.get_running_loop().sock_connect(end, (pair.user, 7)))
        connection = await pair.accept(listener)
        await asyncio.get_running_loop().sock_sendall(end, b"hello")
        assert await pair.receive(connection) == b"hello"
        end.shutdown(socket.SHUT_WR)
        assert await pair.receive(connection) == b""
        await pair.send(connection, b"late")
        pair.close(connection)
        assert await pair.kernel_receive_all(end) == b"late"
        await pair.until(lambda: connection.state.value == "CLOSED")
        pair.nothing_suspicious()
        return pair.states()

    assert play(story) == ["SYN_RCVD", "ESTABLISHED", "CLOSE_WAIT", "LAST_ACK", "CLOSED"]


@pytest.mark.parametrize("fast", [False, True], ids=["wire", "fast"])
@pytest.mark.parametrize("v6", [False, True], ids=["v4", "v6"])
def test_megabytes_both_ways_at_once(fast: bool, v6: bool):
    async def story(pair: Pair) -> list[bool]:
        if not fast:
            pair.capture()
        listener = pair.kernel_listener(7, v6=v6)
        connection = await pair.connect(7, v6=v6)
        end = await pair.kernel_accept(listener)
        ours, theirs = os.urandom(3_000_000), os.urandom(3_000_000)

        async def kernel_sends() -> None:
            await asyncio.get_running_loop().sock_sendall(end, theirs)
            end.shutdown(socket.SHUT_WR)

        async def we_send() -> None:
            await pair.send(connection, ours)
            pair.shutdown(connection)

        _, _, got_there, got_here = await asyncio.gather(
            kernel_sends(), we_send(), pair.kernel_receive_all(end), pair.receive_all(connection)
        )
        if not fast:
            pair.nothing_suspicious(but="tcp.analysis.window_full or tcp.analysis.flags")
        return [got_there == ours, got_here == theirs]

    assert play(story, Setting(fast=fast)) == [True, True]
