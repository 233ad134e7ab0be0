from __future__ import annotations

import pytest

from netlab.analyse.model import Connection
from netlab.testing.plans import routed, two_hosts
from netlab.testing.runs import analysed, connected, only_connection

TALK = """
    c1 > server  SYN seq=0
    server > c1  SYN ACK seq=0 ack=1
    c1 > server  ACK seq=1 ack=1
    c1 > server  ACK seq=1 ack=1 len=100 {}
    @500ms c1 > server  ACK seq=1 ack=1 len=100
    server > c1  ACK seq=1 ack=101
"""
#: Bytes of a frame: the IP header begins at 14, TCP's at 34, data at 54.
PARTS = {"ip total length": 17, "ip source": 29, "tcp port": 37, "tcp ack": 45, "data": 60}


def damaged(byte: int) -> Connection:
    return only_connection(two_hosts(), TALK.format(f"flip={byte}"), [connected("first")])


@pytest.mark.parametrize("byte", PARTS.values(), ids=PARTS)
def test_a_damaged_packet_is_the_one_that_was_sent(byte: int) -> None:
    connection = damaged(byte)
    whole = connection.arrows[3].transit

    assert len(connection.arrows) == 6
    assert [(hop.node, bool(hop.packet.problems)) for hop in whole.hops] == [
        ("c1", False),
        ("server", True),
    ]
    assert whole.received is None
    assert whole.lost_after == "server:eth0"


def test_the_ladder_says_so_and_what_repaired_it() -> None:
    arrows = damaged(PARTS["data"]).arrows

    assert arrows[3].notes == ("corrupted before server:eth0",)
    assert arrows[4].notes == ("retransmission",)
    assert [arrow.label for arrow in arrows[3:5]] == ["data 1:101 (100), ACK 1"] * 2


def test_a_wrong_checksum_alone_is_enough_not_to_be_taken() -> None:
    arrow = damaged(14 + 20 + 16).arrows[3]  # TCP's checksum itself
    assert arrow.transit.received is None
    assert arrow.notes == ("corrupted before server:eth0",)


def test_a_lost_packet_is_not_taken_for_one_that_differs_more() -> None:
    text = TALK.format("lost=c1:eth0") + "c1 > server  ACK seq=101 ack=1 len=90 flip=60"
    first = only_connection(two_hosts(), text, [connected("first")])

    assert first.arrows[3].transit.lost_after == "c1:eth0"
    assert first.arrows[6].transit.lost_after == "server:eth0"


def test_each_damaged_packet_has_one_original() -> None:
    text = """
        c1 > server  UDP len=50 flip=60
        c1 > server  UDP len=50 lost=c1:eth0
        c1 > server  UDP len=50
    """
    ways = analysed(routed(), text).transits
    assert [way.lost_after for way in ways] == ["r1:eth0", "c1:eth0", None]
