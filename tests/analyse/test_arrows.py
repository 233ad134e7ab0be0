from __future__ import annotations

from netlab.analyse.model import Arrow
from netlab.testing.plans import routed, two_hosts
from netlab.testing.runs import only_connection
from netlab.topology.plan import Plan

HANDSHAKE = """
    c1 > server  SYN seq=0 mss=536
    server > c1  SYN ACK seq=0 ack=1 mss=1460
    c1 > server  ACK seq=1 ack=1
"""


def arrows(plan: Plan, text: str) -> tuple[Arrow, ...]:
    return only_connection(plan, text).arrows


def labels(plan: Plan, text: str) -> list[str]:
    return [arrow.label for arrow in arrows(plan, text)]


def test_labels_of_a_connection_are_the_book_s() -> None:
    assert labels(
        two_hosts(),
        HANDSHAKE
        + """
        c1 > server  ACK PSH seq=1 ack=1 len=100
        server > c1  FIN ACK seq=1 ack=101 len=50
        c1 > server  FIN ACK seq=101 ack=52
        server > c1  RST seq=52
        """,
    ) == [
        "SYN, MSS 536",
        "SYN, ACK 1, MSS 1460",
        "ACK 1",
        "data 1:101 (100), ACK 1",
        "data 1:51 (50), FIN, ACK 101",
        "FIN 101, ACK 52",
        "RST",
    ]


def test_numbers_are_relative_to_each_side_s_initial_one() -> None:
    syn, syn_ack, ack = arrows(two_hosts(), HANDSHAKE)

    assert (syn.sequence, syn.acknowledgment) == (0, None)
    assert (syn_ack.sequence, syn_ack.acknowledgment) == (0, 1)
    assert (ack.sequence, ack.acknowledgment) == (1, 1)


def test_labels_of_datagrams_and_fragments() -> None:
    assert labels(two_hosts(), "c1 > server UDP len=20") == ["datagram (20)"]
    assert labels(two_hosts(), "c1 > server UDP len=2000") == [
        "fragment 0:1480 more",
        "fragment 1480:2008",
    ]
    assert labels(routed(mtu=576), "c1 > server UDP len=1000") == [
        "datagram (1000)",
        "fragment 0:552 more",
        "fragment 552:1008",
    ]


def test_a_fragment_made_on_the_way_says_by_whom() -> None:
    found = arrows(routed(mtu=576), "c1 > server UDP len=1000")

    assert [arrow.notes for arrow in found] == [(), ("cut by r1",), ("cut by r1",)]


def test_arrows_come_in_the_order_the_packets_left() -> None:
    found = arrows(two_hosts(), HANDSHAKE)

    assert [arrow.forward for arrow in found] == [True, False, True]
    assert [arrow.transit.t for arrow in found] == [1_000_000, 3_000_000, 5_000_000]


def test_flags_without_a_word_of_their_own_and_a_segment_without_any() -> None:
    assert labels(two_hosts(), "c1 > server URG ACK seq=1 ack=1 len=5") == [
        "data 1:6 (5), URG, ACK 1"
    ]
    assert labels(two_hosts(), "c1 > server PSH seq=1") == ["no flags"]
