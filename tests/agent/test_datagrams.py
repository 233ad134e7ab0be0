"""Datagrams made by hand, as they leave a node."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from netlab.agent.channel import Message
from netlab.agent.injections import Injections
from netlab.agent.network import Network
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import ExtensionHeader, Ipv6
from netlab.wire.packet import Packet, decode_ip

SOURCES = {"10.0.1.2": "10.0.0.1", "fd00:1::2": "fd00::1"}


class Sending:
    """The part of ``Network`` that sends whole packets; ``sent`` are these."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def source_for(self, target: str) -> str:
        return SOURCES[target]

    async def send_packet(self, packet: bytes, target: str) -> None:
        assert target in SOURCES
        self.sent.append(packet)


def injected(address: str = "10.0.1.2", **request: Any) -> tuple[list[bytes], list[Message]]:
    """What a node sends, and what it tells."""
    usual = {
        "address": address,
        "port": 7,
        "local_port": 2000,
        "hop_limit": 64,
        "identification": None,
        "dont_fragment": False,
        "flow_label": 0,
        "options": "",
        "extensions": [],
        "fragments": [],
        "payload_text": "12345678ABCDEFGH",
        "payload_hex": None,
        "payload_size": 16,
        "seed": 1,
    }
    network, events = Sending(), list[Message]()
    verbs = Injections(cast(Network, network), events.append).verbs
    assert asyncio.run(cast(Any, verbs["inject-datagram"](usual | request))) == {}
    return network.sent, events


def packets(address: str = "10.0.1.2", **request: Any) -> list[Packet]:
    sent, _ = injected(address, **request)
    return [decode_ip(each) for each in sent]


def test_whole_with_the_options_that_it_is_given() -> None:
    (packet,) = packets(options="9404", hop_limit=3, dont_fragment=True, identification=9)

    assert packet.problems == ()
    assert packet.payload == b"12345678ABCDEFGH"
    assert isinstance(packet.ip, Ipv4)
    assert packet.ip.options == b"\x94\x04\0\0"
    assert (packet.ip.ttl, packet.ip.dont_fragment, packet.ip.identification) == (3, True, 9)
    assert packet.udp is not None
    assert (packet.udp.source_port, packet.udp.destination_port) == (2000, 7)


def test_fragments_are_the_bytes_that_they_say_in_that_order() -> None:
    last, first, overlapping = packets(fragments=[(16, 24), (0, 16), (8, 24)], identification=5)

    assert [
        (packet.ip.fragment_offset, packet.ip.more_fragments, packet.ip.identification)
        for packet in (last, first, overlapping)
        if isinstance(packet.ip, Ipv4)
    ] == [(16, False, 5), (0, True, 5), (8, False, 5)]
    assert first.udp is not None
    assert (first.udp.length, first.payload) == (24, b"12345678")
    assert last.payload == b"ABCDEFGH"
    assert overlapping.payload == b"12345678ABCDEFGH"


def test_fragments_have_a_number_of_their_own_when_none_is_given() -> None:
    def number(**request: Any) -> int:
        one, two = packets(fragments=[(0, 16), (16, 24)], **request)
        assert one.ip is not None
        assert two.ip is not None
        assert one.ip.identification == two.ip.identification > 0
        return one.ip.identification

    assert number() == number() != number(local_port=2001)


def test_extension_headers_come_before_that_of_the_fragment() -> None:
    options = [(60, "010400000000")]
    whole, piece = (
        *packets("fd00:1::2", extensions=options, flow_label=0x12345),
        *packets("fd00:1::2", extensions=options, fragments=[(0, 16)], identification=70000),
    )

    header = ExtensionHeader(60, bytes((1, 4, 0, 0, 0, 0)))
    assert isinstance(whole.ip, Ipv6)
    assert (whole.ip.flow_label, whole.ip.extensions) == (0x12345, (header,))
    assert whole.problems == ()
    assert isinstance(piece.ip, Ipv6)
    assert [each.type for each in piece.ip.extensions] == [60, 44]
    assert (piece.ip.identification, piece.ip.more_fragments) == (70000, True)


def test_it_tells_once_whatever_it_is_cut_to() -> None:
    _, (event,) = injected("fd00:1::2", fragments=[(0, 16), (16, 24)])
    del event["t"]

    assert event == {
        "kind": "injected",
        "transport": "udp",
        "from": "[fd00::1]:2000",
        "to": "[fd00:1::2]:7",
        "len": 16,
    }
