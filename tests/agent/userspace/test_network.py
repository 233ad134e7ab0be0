"""What is our stack's own behind the interface that all networks fulfil."""

from __future__ import annotations

import asyncio
import errno
from typing import Any

import pytest

from netlab.agent.userspace.network import StackNetwork
from netlab.testing.ends import PORT, tcp_service, udp_service
from netlab.testing.errnos import fails_with
from netlab.testing.worlds import SERVER, Two, two_hosts
from netlab.wire.states import State

KEPT: dict[str, tuple[Any, Any]] = {
    "send_buffer": (16_384, 32_768),
    "receive_buffer": (8192, 16_384),
    "keepalive": (
        {"on": True, "idle": None, "interval": 3, "count": None},
        {"on": True, "idle": 7200, "interval": 3, "count": 9},
    ),
    "linger": ("off", "off"),
    # The ECN field is TCP's own.
    "tos": (0x13, 0x10),
}


@pytest.mark.parametrize("name", KEPT)
def test_an_option_is_read_back_as_linux_keeps_it(name: str):
    asked, kept = KEPT[name]
    stream = StackNetwork(two_hosts().client).stream(SERVER)
    stream.apply({name: asked})
    assert stream.kept({name: asked}) == {name: kept}


def test_buffers_have_a_least_and_a_most():
    network = StackNetwork(two_hosts().client)
    for socket in (network.stream(SERVER), network.datagrams(SERVER)):
        socket.apply({"send_buffer": 1, "receive_buffer": 1})
        assert socket.kept({"send_buffer": 1, "receive_buffer": 1}) == {
            "send_buffer": 4608,
            "receive_buffer": 2304,
        }
        socket.apply({"send_buffer": 10_000_000})
        assert socket.kept({"send_buffer": 10_000_000}) == {"send_buffer": 425_984}


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ({"mss": 87}, errno.EINVAL),
        ({"ttl": 256}, errno.EINVAL),
        ({"congestion": "no-such"}, errno.ENOENT),
        ({"keepalive": {"on": True, "idle": 0, "interval": 1, "count": 1}}, errno.EINVAL),
    ],
)
def test_what_linux_refuses_is_refused(asked: dict[str, Any], number: int):
    with fails_with(number):
        StackNetwork(two_hosts().client).stream(SERVER).apply(asked)


def test_a_socket_of_udp_has_no_options_of_tcp():
    with fails_with(errno.ENOPROTOOPT):
        StackNetwork(two_hosts().client).datagrams(SERVER).apply({"nodelay": True})


def test_what_is_sent_has_left_when_send_returns():
    async def story(two: Two) -> None:
        client, _ = await _connected(two)
        datagrams = StackNetwork(two.client).datagrams(SERVER)
        for send in (client.send(b"x"), datagrams.send(b"x", (SERVER, PORT))):
            its_turn = asyncio.Event()
            asyncio.get_running_loop().call_soon(its_turn.set)
            await send
            assert its_turn.is_set(), "the driver, which stirred calls soon, has had its turn"

    two_hosts().play(story)


def test_the_mss_is_what_fits_beside_the_timestamps():
    async def story(two: Two) -> None:
        client, _ = await _connected(two, options={"mss": 1000})
        assert client.kept({"mss": 1000}) == {"mss": 988}

    two_hosts().play(story)


def test_congestion_control_may_change_while_a_connection_lasts():
    async def story(two: Two) -> None:
        client, accepted = await _connected(two)
        client.apply({"congestion": "reno"})
        assert client.kept({"congestion": "reno"}) == {"congestion": "reno"}
        await client.send(bytes(300_000))
        client.shutdown()
        size = 0
        while part := await accepted.receive(65_536):
            size += len(part)
        assert size == 300_000

    two_hosts().play(story)


@pytest.mark.parametrize(("acks", "least", "most"), [("quick", 0, 10), ("delayed", 30, 60)])
def test_nagle_waits_for_an_ack_that_comes_as_the_service_likes(acks: str, least: int, most: int):
    """Milliseconds until the second of two small writes is there."""

    async def story(two: Two) -> float:
        client, accepted = await _connected(two, service={"acks": acks})
        before = two.now
        await client.send(b"x")
        await client.send(b"y")
        assert await accepted.receive(9) == b"x"
        assert await accepted.receive(9) == b"y"
        return (two.now - before) / 1e6

    assert least <= two_hosts().play(story) <= most


def test_what_a_program_has_open_ends_with_it():
    async def story(two: Two) -> None:
        dying, lasting = StackNetwork(two.client), StackNetwork(two.server)
        listener = lasting.listen(tcp_service(None))
        orderly, unread = dying.stream(SERVER), dying.stream(SERVER)
        await orderly.connect((SERVER, PORT))
        one, _ = await listener.accept()
        await unread.connect((SERVER, PORT))
        other, _ = await listener.accept()
        await other.send(b"nobody reads this")
        await asyncio.sleep(1)
        dying.stream(SERVER).bind(("", 5000))
        dying.bound(udp_service(None))
        dying.listen(tcp_service(None))
        dying.icmp(4)
        dying.tap()

        dying.end()
        assert await one.receive(9) == b""
        with pytest.raises(ConnectionResetError):
            await other.receive(9)
        await asyncio.sleep(1)
        host = two.client.driver.host
        assert [each.state for each in host.tcp.sockets] == [State.FIN_WAIT_2]
        assert (len(host.udp.ports), host.tcp.sockets.listeners, host.ip.taps) == (0, (), [])
        again = StackNetwork(two.client)
        again.listen(tcp_service(None))
        again.stream(SERVER).bind(("", 5000))

    two_hosts().play(story)


def test_variables_are_told_of_when_they_are_asked_for():
    async def story(two: Two) -> None:
        listener = StackNetwork(two.server).listen(tcp_service(None))
        stream = StackNetwork(two.client, variables=True).stream(SERVER)
        await stream.connect((SERVER, PORT))
        await listener.accept()

    two = two_hosts()
    two.play(story)
    assert {node for node, event in two.events if type(event).__name__ == "Variables"} == {"c1"}


async def _connected(two: Two, *, options: Any = None, service: Any = None) -> Any:
    listener = StackNetwork(two.server).listen(tcp_service(None, options=service or {}))
    stream = StackNetwork(two.client).stream(SERVER)
    stream.apply(options or {})
    await stream.connect((SERVER, PORT))
    return stream, (await listener.accept())[0]
