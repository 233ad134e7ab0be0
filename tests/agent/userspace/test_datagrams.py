"""UDP and echoes between the userspace stack and the kernel, and a kernel that keeps silent."""

from __future__ import annotations

import asyncio
import errno
import socket

import pytest

from netlab.testing.userspace import Pair, Setting, play
from netlab.wire.address import from_text

pytestmark = pytest.mark.lab


@pytest.mark.parametrize("v6", [False, True], ids=["v4", "v6"])
@pytest.mark.parametrize("size", [0, 1, 1473, 60_000])
def test_datagrams_come_back_whole_also_in_fragments(size: int, v6: bool):
    async def story(pair: Pair) -> list[object]:
        pair.capture()
        loop = asyncio.get_running_loop()
        end = pair.kernel_socket(v6=v6, kind=socket.SOCK_DGRAM)
        end.bind((pair.kernel_v6 if v6 else pair.kernel, 7))
        ours = pair.host.udp.socket(v6=v6)
        data = bytes(range(256)) * (size // 256) + bytes(size % 256)
        ours.send(pair.now, data, from_text(pair.kernel_v6 if v6 else pair.kernel), 7)
        pair.driver.stirred()
        got, sender = await pair.kernel_does(loop.sock_recvfrom(end, 65_535))
        await loop.sock_sendto(end, got, sender)
        await pair.until(lambda: ours.is_readable)
        back = ours.receive()
        assert back is not None
        pair.nothing_suspicious()
        return [got == data, back.data == data]

    assert play(story) == [True, True]


def test_a_port_that_the_kernel_has_not_is_heard_of():
    async def story(pair: Pair) -> int:
        ours = pair.host.udp.socket()
        ours.connect(from_text(pair.kernel), 9)
        ours.send(pair.now, b"anybody?")
        pair.driver.stirred()
        await pair.until(lambda: ours.is_readable)
        return ours.take_error()

    assert play(story) == errno.ECONNREFUSED


def test_a_port_that_we_have_not_is_heard_of_by_the_kernel():
    async def story(pair: Pair) -> int:
        end = pair.kernel_socket(kind=socket.SOCK_DGRAM)
        end.connect((pair.user, 9))
        end.send(b"anybody?")
        try:
            await pair.kernel_does(asyncio.get_running_loop().sock_recv(end, 100))
        except OSError as error:
            return error.errno or 0
        return 0

    assert play(story) == errno.ECONNREFUSED


@pytest.mark.parametrize("address", [Pair.user, Pair.user_v6])
@pytest.mark.parametrize("size", ["56", "4000"])
def test_the_kernel_pings_and_one_host_answers(address: str, size: str):
    async def story(pair: Pair) -> list[str]:
        pair.capture()
        said = await pair.run("ping", "-c", "3", "-i", "0.2", "-s", size, address)
        pair.nothing_suspicious()
        return [line for line in said.splitlines() if "received" in line or "DUP" in line]

    (summary,) = play(story)
    assert summary.startswith("3 packets transmitted, 3 received, 0% packet loss")


def test_behind_a_smaller_mtu_datagrams_are_cut_by_the_source_after_the_first_error():
    async def story(pair: Pair) -> bool:
        loop = asyncio.get_running_loop()
        end = pair.kernel_socket(v6=True, kind=socket.SOCK_DGRAM)
        end.bind((pair.kernel_v6, 7))
        ours = pair.host.udp.socket(v6=True)
        remote = from_text(pair.kernel_v6)

        def send() -> None:
            ours.send(pair.now, bytes(1400), remote, 7)
            pair.driver.stirred()

        def knows_the_path() -> bool:
            """Nobody says twice that a datagram was lost: another asks again."""
            if pair.host.ip.sender.mtu(remote) == 1300:
                return True
            send()
            return False

        await pair.until(knows_the_path)
        send()
        got, _ = await pair.kernel_does(loop.sock_recvfrom(end, 65_535))
        return got == bytes(1400)

    assert play(story, Setting(between="router", far_mtu=1300))
