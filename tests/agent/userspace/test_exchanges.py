from __future__ import annotations

import asyncio

import pytest

from netlab.testing.userspace import Pair, play

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
