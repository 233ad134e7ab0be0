"""Whatever comes to a node's interfaces, its kernel leaves to the userspace stack."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import pytest

from netlab.testing.userspace import Pair, play

pytestmark = pytest.mark.lab


def test_the_kernel_of_a_node_answers_nothing():
    async def story(pair: Pair) -> list[str]:
        mac = next(iter(pair.driver.ports)).mac.hex(":")
        pair.driver.close()
        pair.capture()
        for address in (pair.user, pair.user_v6):
            with contextlib.suppress(AssertionError):  # nobody answers
                await pair.run("ping", "-c", "1", "-W", "1", address)
            await pair.run("ip", "neigh", "replace", address, "lladdr", mac, "dev", "eth0")
            with contextlib.suppress(AssertionError):
                await pair.run("ping", "-c", "1", "-W", "1", address)
            end = pair.kernel_socket(v6=":" in address)
            with contextlib.suppress(TimeoutError):
                loop = asyncio.get_running_loop()
                await asyncio.wait_for(loop.sock_connect(end, (address, 7)), 0.5)
            with pair.kernel_socket(v6=":" in address, kind=socket.SOCK_DGRAM) as datagrams:
                datagrams.sendto(b"anybody?", (address, 9))
        with contextlib.suppress(AssertionError):
            await pair.run("ping", "-b", "-c", "1", "-W", "1", "10.0.0.255")
        kinds = set(pair.tshark("frame", "frame.protocols"))
        assert {"eth:ethertype:arp", "eth:ethertype:ip:tcp"} <= kinds
        return pair.tshark(f"eth.src == {mac}")

    assert play(story) == []
