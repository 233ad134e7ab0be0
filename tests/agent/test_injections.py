"""A router sends segments into connections that pass it, and packets that have passed it again."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, cast

import pytest

from netlab.agent.channel import Message
from netlab.agent.injections import Injections
from netlab.agent.network import Network
from netlab.testing.passing import CLIENT, SERVER, PassingNetwork, segment
from netlab.wire.ipv4 import Ipv4
from netlab.wire.packet import Packet, decode_ip
from netlab.wire.tcp import Flags
from netlab.wire.tcp_options import MaximumSegmentSize, Timestamps, WindowScale

SYN, ACK, PSH, URG, RST = Flags.SYN, Flags.ACK, Flags.PSH, Flags.URG, Flags.RST
SCALES = WindowScale(2)

OPENING = (
    segment(SYN, 1000, options=(SCALES, Timestamps(100, 0))),
    segment(SYN | ACK, 5000, 1001, to=CLIENT, options=(SCALES, Timestamps(900, 100))),
    segment(ACK, 1001, 5001, options=(Timestamps(110, 900),)),
)
REQUEST = segment(ACK | PSH, 1001, 5001, data=b"0123456789", options=(Timestamps(120, 900),))
REPLY = segment(
    ACK | PSH, 5001, 1011, to=CLIENT, data=b"01234", options=(Timestamps(930, 120),), window=50
)


class Router:
    """The verbs of a router; ``events`` are what it tells."""

    def __init__(self) -> None:
        self.network = PassingNetwork()
        self.events: list[Message] = []
        self._verbs = Injections(cast(Network, self.network), self.events.append).verbs

    async def ask(self, do: str, **request: Any) -> Message | None:
        common = {
            "conn": "first",
            "transport": "tcp",
            "local": CLIENT,
            "local_port": None,
            "foreign": SERVER,
            "within": 20.0,
            "seed": 1,
        }
        return await self._verbs[do](common | request)

    async def watch(self, **replays: list[int]) -> None:
        await self.ask("remember", replays=replays)

    async def inject(self, *flags: str, **request: Any) -> Packet:
        """The one packet that it sends then."""
        usual = {
            "to_opener": False,
            "flags": flags,
            "sequence": [0, True],
            "acknowledgment": [0, True],
            "timestamp": [0, True],
            "window": None,
            "urgent": None,
            "mss": None,
            "payload_text": None,
            "payload_size": 0,
        }
        assert await self.ask("inject-segment", **usual | request) == {}
        ((datagram, _),) = self.network.sent
        return decode_ip(datagram)


def play(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(story, 60))


def injected(*flags: str, passing: tuple[bytes, ...] = (), **request: Any) -> Packet:
    """What a router sends into a connection of which it has seen a request and its reply."""
    made: list[Packet] = []

    async def story() -> None:
        router = Router()
        await router.watch()
        router.network.passing.pass_by(*(passing or (*OPENING, REQUEST, REPLY)))
        made.append(await router.inject(*flags, **request))

    play(story())
    assert made[0].problems == ()
    return made[0]


def test_what_is_not_asked_for_is_as_in_the_next_segment_in_order() -> None:
    packet = injected("ack")

    tcp = packet.tcp
    assert tcp is not None
    assert (tcp.source_port, tcp.destination_port) == (1500, 7)
    assert (tcp.sequence, tcp.acknowledgment, tcp.flags) == (1011, 5006, ACK)
    assert tcp.window == 1000
    assert tcp.option(Timestamps) == Timestamps(120, 930)
    assert packet.payload == b""


def test_it_seems_to_have_come_from_the_other_end_and_through_the_router() -> None:
    packet = injected("ack")

    assert isinstance(packet.ip, Ipv4)
    assert (packet.ip.source, packet.ip.destination) == (bytes((10, 0, 0, 1)), bytes((10, 0, 1, 2)))
    assert (packet.ip.ttl, packet.ip.dont_fragment) == (63, True)


def test_to_the_end_that_opened_the_connection() -> None:
    tcp = injected("ack", to_opener=True).tcp

    assert tcp is not None
    assert (tcp.source_port, tcp.destination_port) == (7, 1500)
    assert (tcp.sequence, tcp.acknowledgment, tcp.window) == (5006, 1011, 50)
    assert tcp.option(Timestamps) == Timestamps(930, 120)


@pytest.mark.parametrize(
    ("asked", "sequence"), [([10, True], 1021), ([-1, True], 1010), ([1, False], 1001)]
)
def test_a_sequence_number(asked: list[int], sequence: int) -> None:
    tcp = injected("ack", sequence=asked).tcp

    assert tcp is not None
    assert tcp.sequence == sequence


@pytest.mark.parametrize(
    ("asked", "acknowledgment"), [([10, True], 5016), ([-5, True], 5001), ([1, False], 5001)]
)
def test_an_acknowledgment(asked: list[int], acknowledgment: int) -> None:
    tcp = injected("ack", acknowledgment=asked).tcp

    assert tcp is not None
    assert tcp.acknowledgment == acknowledgment


@pytest.mark.parametrize(("asked", "value"), [([-121, True], 0xFFFF_FFFF), ([5, False], 105)])
def test_a_timestamp(asked: list[int], value: int) -> None:
    tcp = injected("ack", timestamp=asked).tcp

    assert tcp is not None
    assert tcp.option(Timestamps) == Timestamps(value, 930)


def test_no_timestamp() -> None:
    tcp = injected("ack", timestamp=None).tcp

    assert tcp is not None
    assert tcp.options == ()


def test_a_window_is_scaled_as_the_end_would() -> None:
    tcp = injected("ack", window=4000).tcp
    assert tcp is not None
    assert tcp.window == 1000

    tcp = injected("syn", window=4000).tcp
    assert tcp is not None
    assert tcp.window == 4000

    tcp = injected("ack", window=1 << 30).tcp
    assert tcp is not None
    assert tcp.window == 65535


def test_without_the_flag_nothing_is_acknowledged() -> None:
    tcp = injected("rst").tcp

    assert tcp is not None
    assert (tcp.flags, tcp.acknowledgment) == (RST, 0)
    assert tcp.option(Timestamps) == Timestamps(120, 0)


def test_urgent_data() -> None:
    packet = injected("ack", urgent=3, payload_text="abc", payload_size=3)

    assert packet.tcp is not None
    assert (packet.tcp.flags, packet.tcp.urgent_pointer) == (ACK | URG, 3)
    assert packet.payload == b"abc"


def test_bytes_of_the_seed_are_not_those_of_the_connection() -> None:
    from netlab.agent import payload  # noqa: PLC0415 - what the connection itself would send

    packet = injected("ack", payload_size=20)

    own = payload.of({"seed": 1, "conn": "first", "payload_size": 20}, 0)
    assert len(packet.payload) == 20
    assert packet.payload != own
    assert packet.payload == injected("ack", payload_size=20).payload


def test_a_syn_says_the_mss_that_it_is_given() -> None:
    tcp = injected("syn", sequence=[0, False], mss=65535, timestamp=None).tcp

    assert tcp is not None
    assert (tcp.flags, tcp.sequence) == (SYN, 1000)
    assert tcp.options == (MaximumSegmentSize(65535),)


def test_a_connection_without_timestamps_gets_none() -> None:
    opening = (segment(SYN, 1000), segment(SYN | ACK, 5000, 1001, to=CLIENT))

    tcp = injected("ack", passing=opening).tcp

    assert tcp is not None
    assert tcp.options == ()


def test_where_nothing_comes_back_by_here_the_last_acknowledgment_is_good() -> None:
    tcp = injected("ack", passing=(segment(ACK, 1001, 5001, data=b"abc"),)).tcp

    assert tcp is not None
    assert (tcp.sequence, tcp.acknowledgment) == (1004, 5001)


def test_it_waits_for_what_it_has_to_know() -> None:
    async def story() -> None:
        router = Router()
        await router.watch()
        router.network.passing.pass_by(segment(ACK, 1001, 5001))
        asked = asyncio.create_task(router.inject("ack", sequence=[1, False]))
        await asyncio.sleep(0)
        assert not router.network.sent
        router.network.passing.pass_by(*OPENING)
        packet = await asked

        assert packet.tcp is not None
        assert packet.tcp.sequence == 1001

    play(story())


@pytest.mark.parametrize(
    ("passing", "request_", "says"),
    [
        ((), {}, "first: no packet has passed here"),
        ((segment(ACK, 1, 1, to=CLIENT),), {}, "first: no segment from there has passed here"),
        (
            (segment(ACK, 1001, 5001),),
            {"sequence": [1, False]},
            "first: no SYN from there has passed here, which numbers count from",
        ),
        (
            (segment(ACK, 1001, 5001),),
            {"window": 100},
            "first: no SYN from there has passed here, which scales windows",
        ),
        (
            (segment(SYN, 1000),),
            {"timestamp": [-1, True]},
            "first: no timestamps from there have passed here",
        ),
    ],
)
def test_what_it_does_not_learn_in_time_it_says(
    passing: tuple[bytes, ...], request_: dict[str, Any], says: str
) -> None:
    async def story() -> None:
        router = Router()
        await router.watch()
        router.network.passing.pass_by(*passing)
        usual = {
            "to_opener": False,
            "flags": ["ack"],
            "sequence": [0, True],
            "acknowledgment": [0, True],
            "timestamp": [0, True],
            "window": None,
            "urgent": None,
            "mss": None,
            "payload_size": 0,
        }
        answer = await router.ask("inject-segment", **usual | request_ | {"within": 0.05})

        assert answer == {"ok": False, "errno": "", "error": says}
        assert not router.network.sent

    play(story())


def test_it_tells_what_it_has_injected() -> None:
    async def story() -> None:
        router = Router()
        await router.watch()
        router.network.passing.pass_by(*OPENING, REQUEST, REPLY)
        await router.inject("psh", "ack", payload_text="abc", payload_size=3)
        (event,) = router.events
        del event["t"]

        assert event == {
            "kind": "injected",
            "conn": "first",
            "transport": "tcp",
            "from": CLIENT,
            "to": SERVER,
            "len": 3,
            "segment": "psh ack",
            "seq": 11,
            "seq_raw": 1011,
            "ack": 6,
        }

    play(story())


def test_a_packet_is_sent_again_byte_for_byte() -> None:
    async def story() -> None:
        router = Router()
        await router.watch(**{"tcp.len > 0": [1]})
        router.network.passing.pass_by(*OPENING, REQUEST, REPLY)
        assert await router.ask("replay", expression="tcp.len > 0", nth=1) == {}

        assert router.network.sent == [(REQUEST, "10.0.1.2")]
        assert router.events[0]["seq"] == 1

    play(story())


def test_a_packet_of_either_way_by_its_number_and_by_relative_ones() -> None:
    async def story() -> None:
        router = Router()
        await router.watch(**{"tcp.len > 0": [2], "tcp.seq == 0 and tcp.ack == 1": [1]})
        router.network.passing.pass_by(*OPENING, REQUEST, REPLY)
        await router.ask("replay", expression="tcp.len > 0", nth=2)
        await router.ask("replay", expression="tcp.seq == 0 and tcp.ack == 1", nth=1)

        assert router.network.sent == [(REPLY, "10.0.0.1"), (OPENING[1], "10.0.0.1")]

    play(story())


def test_a_packet_that_has_not_come_by_yet_is_waited_for() -> None:
    async def story() -> None:
        router = Router()
        await router.watch(**{"tcp.len > 0": [1]})
        router.network.passing.pass_by(*OPENING)
        lacks = await router.ask("replay", expression="tcp.len > 0", nth=1, within=0.05)
        assert lacks == {
            "ok": False,
            "errno": "",
            "error": "first: 0 packets with tcp.len > 0 have passed here, not 1",
        }

        asked = asyncio.create_task(router.ask("replay", expression="tcp.len > 0", nth=1))
        await asyncio.sleep(0)
        router.network.passing.pass_by(REQUEST)
        await asked

        assert router.network.sent == [(REQUEST, "10.0.1.2")]

    play(story())
