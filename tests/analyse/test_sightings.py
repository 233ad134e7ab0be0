from __future__ import annotations

from io import BytesIO

from netlab.analyse import analyse
from netlab.analyse.sightings import described, sightings
from netlab.collect.events import Event
from netlab.testing.plans import two_hosts
from netlab.wire import pcapng
from netlab.wire.ethernet import Ethernet
from netlab.wire.ipv4 import Ipv4
from netlab.wire.udp import Udp

EPOCH = 1_700_000_000_000_000_000
CLIENT, SERVER = bytes([10, 0, 0, 2]), bytes([10, 0, 0, 1])


def frame(ttl: int = 64) -> bytes:
    datagram = Udp(40000, 7).emit(b"hello", CLIENT, SERVER)
    macs = bytes.fromhex("020000000002"), bytes.fromhex("020000000001")
    return Ethernet(*macs, 0x0800).emit(Ipv4(CLIENT, SERVER, 17, ttl).emit(datagram))


def capture(*packets: tuple[int, int, bool, bytes]) -> list[pcapng.Block]:
    """A capture file of c1:eth0 and server:eth0; packets are (interface, t, outbound, frame)."""
    blocks = [
        pcapng.section_header(),
        pcapng.interface_description("c1:eth0"),
        pcapng.interface_description("server:eth0"),
    ]
    for interface, t, outbound, data in packets:
        blocks.append(
            pcapng.enhanced_packet(interface, EPOCH + t, data, len(data), outbound=outbound)
        )
    return list(pcapng.read(BytesIO(b"".join(blocks))))


def test_frames_are_numbered_as_in_the_file_and_timed_from_the_epoch() -> None:
    one, two = sightings(capture((0, 5, True, frame()), (1, 9, False, frame())), EPOCH)

    assert (one.number, one.t, one.node, one.interface, one.outbound) == (1, 5, "c1", "eth0", True)
    assert (two.number, two.t, two.node, two.outbound) == (2, 9, "server", False)
    assert two.packet.payload == b"hello"


def test_sightings_come_in_time_order_whatever_the_file_s() -> None:
    seen = sightings(capture((1, 9, False, frame()), (0, 5, True, frame())), EPOCH)

    assert [(one.number, one.t) for one in seen] == [(2, 5), (1, 9)]


def test_of_equal_times_leaving_comes_before_arriving_and_the_earlier_hop_first() -> None:
    seen = sightings(
        capture((1, 5, False, frame()), (0, 5, True, frame(63)), (0, 5, True, frame())), EPOCH
    )

    assert [one.number for one in seen] == [3, 1, 2]


def test_of_equal_times_in_virtual_time_the_file_has_the_order() -> None:
    """An answer of a router stands behind what it answers, though it begins with more hops."""
    blocks = capture((1, 5, False, frame(63)), (1, 5, True, frame()), (0, 5, True, frame()))
    run = Event(0, "run", data={"epoch": EPOCH, "backend": "sim"})
    analysis = analyse(two_hosts(), [run], blocks)

    assert [one.number for one in analysis.sightings] == [1, 2, 3]


def test_an_interface_that_saw_nothing_was_captured_all_the_same() -> None:
    blocks = capture((0, 5, True, frame()))

    assert described(blocks) == {("c1", "eth0"), ("server", "eth0")}
    (transit,) = analyse(two_hosts(), [Event(0, "run", data={"epoch": EPOCH})], blocks).transits
    assert transit.lost_after == "c1:eth0"


def test_the_analysis_counts_what_the_captures_say() -> None:
    events = [
        Event(0, "run", data={"epoch": EPOCH}),
        Event(9, "capture", "c1", data={"interface": "eth0", "packets": 4, "drops": 1}),
    ]

    (count,) = analyse(two_hosts(), events, capture()).counts

    assert (count.node, count.interface, count.packets, count.drops) == ("c1", "eth0", 4, 1)


def test_checksums_are_not_verified_where_they_are_the_hardware_s() -> None:
    spoilt = frame()[:-1] + b"!"

    (verified,) = sightings(capture((0, 5, True, spoilt)), EPOCH)
    (trusted,) = sightings(capture((0, 5, True, spoilt)), EPOCH, offloaded={"c1:eth0"})

    assert verified.packet.problems
    assert trusted.packet.problems == ()
