from __future__ import annotations

import asyncio
import errno

import pytest

from netlab.stack.api import raw
from netlab.testing.errnos import fails_with
from netlab.testing.worlds import SERVER, SERVER_V6, Two, two_hosts
from netlab.wire import icmp, icmpv6, udp
from netlab.wire.address import from_text, to_text
from netlab.wire.icmp import Icmp
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import Ipv6
from netlab.wire.packet import decode_ip


def test_a_ping_and_its_answer():
    async def story(two: Two) -> None:
        socket = two.client.raw(icmp.PROTOCOL)
        socket.send(Icmp(icmp.Type.ECHO, 0).emit(b"hello"), SERVER)
        answer = await socket.receive()
        assert answer.payload[0] == icmp.Type.ECHO_REPLY
        assert answer.payload.endswith(b"hello")

    two_hosts().play(story)


def test_a_ping_of_ipv6_among_other_messages():
    async def story(two: Two) -> None:
        socket = two.client.raw(icmpv6.PROTOCOL, v6=True)
        socket.choose(lambda found: found.payload[0] == icmpv6.Type.ECHO_REPLY)
        socket.send(bytes((icmpv6.Type.ECHO_REQUEST, 0)) + bytes(6) + b"hello", SERVER_V6)
        answer = await socket.receive()
        assert answer.payload.endswith(b"hello")
        with pytest.raises(BlockingIOError):
            socket.receive_now()

    two_hosts().play(story)


def test_a_closed_socket_lets_go_of_who_receives():
    async def story(two: Two) -> None:
        socket = two.client.raw(icmp.PROTOCOL)
        receiving = asyncio.ensure_future(socket.receive())
        await asyncio.sleep(0)
        socket.close()
        with fails_with(errno.EBADF):
            await receiving
        with fails_with(errno.EBADF):
            socket.send(b"x", SERVER)

    two_hosts().play(story)


@pytest.mark.parametrize(
    ("header", "to"),
    [
        (Ipv4(from_text("192.0.2.7"), from_text("10.0.0.1"), udp.PROTOCOL, 3, 9), SERVER),
        (Ipv6(from_text("fd09::7"), from_text("fd00::1"), udp.PROTOCOL, 3), SERVER_V6),
    ],
)
def test_a_packet_is_from_whom_it_says(header: Ipv4 | Ipv6, to: str):
    async def story(two: Two) -> list[bytes]:
        seen: list[bytes] = []
        two.network.stations["server"].host.ip.taps.append(seen.append)
        segment = udp.Udp(1, 2).emit(b"hello", header.source, header.destination)
        raw.send_packet(two.client.driver, header.emit(segment), to)
        await asyncio.sleep(1)
        return seen

    (datagram,) = two_hosts().play(story)
    packet = decode_ip(datagram)
    assert packet.ip == header
    assert packet.payload == b"hello"
    assert packet.problems == ()


def test_what_is_left_out_of_a_header_is_made():
    async def story(two: Two) -> list[bytes]:
        seen: list[bytes] = []
        two.network.stations["server"].host.ip.taps.append(seen.append)
        datagram = bytearray(Ipv4(bytes(4), from_text(SERVER), 253).emit(b"data"))
        datagram[10:12] = b"\0\0"
        raw.send_packet(two.client.driver, datagram, SERVER)
        await asyncio.sleep(1)
        return seen

    (datagram,) = two_hosts().play(story)
    ip = decode_ip(datagram).ip
    assert isinstance(ip, Ipv4)
    assert to_text(ip.source) == "10.0.0.2"
    assert ip.identification
    assert decode_ip(datagram).problems == ()


def test_a_packet_to_oneself_from_somebody_else_comes_in():
    async def story(two: Two) -> bytes:
        socket = two.client.raw(253)
        packet = Ipv4(from_text("192.0.2.7"), from_text("10.0.0.2"), 253).emit(b"data")
        raw.send_packet(two.client.driver, packet, "10.0.0.2")
        return (await socket.receive()).ip.source

    assert to_text(two_hosts().play(story)) == "192.0.2.7"


@pytest.mark.parametrize(
    ("packet", "number"),
    [
        (b"no packet at all, whatever it is", errno.EINVAL),
        (Ipv4(bytes(4), from_text(SERVER), 253).emit(bytes(1481)), errno.EMSGSIZE),
    ],
)
def test_what_cannot_be_sent(packet: bytes, number: int):
    async def story(two: Two) -> None:
        with fails_with(number):
            raw.send_packet(two.client.driver, packet, SERVER)

    two_hosts().play(story)


def test_groups_have_hops_and_an_interface_of_their_own():
    async def story(two: Two) -> None:
        listening = two.server.raw(udp.PROTOCOL)
        sending = two.client.raw(udp.PROTOCOL)
        with fails_with(errno.ENODEV):
            sending.set_multicast(hop_limit=9, interface="eth7")
        seen = []
        for hops in (1, 9):
            sending.set_multicast(hop_limit=hops, interface="eth0")
            sending.send(b"x", "224.0.0.1")
            ip = (await listening.receive()).ip
            assert isinstance(ip, Ipv4)
            seen.append(ip.ttl)
        assert seen == [1, 9]

    two_hosts().play(story)
