from __future__ import annotations

from netlab.analyse import analyse
from netlab.analyse.model import Transit
from netlab.testing.plans import lan, routed, two_hosts
from netlab.testing.runs import analysed, received, sent
from netlab.topology.plan import Plan


def transits(plan: Plan, text: str) -> tuple[Transit, ...]:
    return analysed(plan, text).transits


def test_a_way_over_a_router_is_one_transit() -> None:
    (transit,) = transits(routed(), "c1 > server UDP len=10")

    assert [(hop.node, hop.outbound) for hop in transit.hops] == [
        ("c1", True),
        ("r1", False),
        ("r1", True),
        ("server", False),
    ]
    assert transit.sent is transit.hops[0]
    assert transit.received is transit.hops[-1]
    assert transit.lost_after is None


def test_a_packet_lost_behind_the_router_names_where_it_was_seen_last() -> None:
    (transit,) = transits(routed(), "c1 > server UDP len=10 lost=r1:eth1")

    assert transit.received is None
    assert transit.lost_after == "r1:eth1"


def test_a_packet_that_a_router_drops_was_seen_last_where_it_came_in() -> None:
    (transit,) = transits(routed(mtu=576), "c1 > server ACK seq=1 ack=1 len=1000")

    assert transit.lost_after == "r1:eth0"


def test_a_retransmission_is_another_transit() -> None:
    lost, again = transits(
        two_hosts(),
        """
        c1 > server  ACK seq=1 ack=1 len=10 id=1 lost=c1:eth0
        @200ms c1 > server  ACK seq=1 ack=1 len=10 id=2
        """,
    )

    assert lost.received is None
    assert received(again).t - sent(again).t == 1_000_000


def test_of_two_equal_syns_the_one_that_arrives_is_the_later() -> None:
    lost, again = transits(
        two_hosts(),
        """
        server > c1  SYN ACK seq=0 ack=1 id=0 lost=server:eth0
        @1000ms server > c1  SYN ACK seq=0 ack=1 id=0
        """,
    )

    assert lost.lost_after == "server:eth0"
    assert received(again).t == 1_001_000_000


def test_equal_duplicate_acks_keep_their_order_over_a_long_link() -> None:
    seen = transits(
        routed(),
        """
        @1ms c1 > server  ACK seq=1 ack=1 id=0 delay=50ms
        @2ms c1 > server  ACK seq=1 ack=1 id=0 delay=50ms
        @3ms c1 > server  ACK seq=1 ack=1 id=0 delay=50ms
        """,
    )

    assert len(seen) == 3
    assert [len(transit.hops) for transit in seen] == [4, 4, 4]
    assert [received(transit).t - sent(transit).t for transit in seen] == [51_010_000] * 3


def test_a_copy_made_on_the_way_is_a_transit_that_nobody_sent() -> None:
    original, copy = transits(two_hosts(), "c1 > server UDP len=10 copies=2")

    assert original.sent is not None
    assert copy.sent is None
    assert received(copy).node == "server"


def test_fragments_of_the_source_are_transits_of_their_own() -> None:
    seen = transits(routed(), "c1 > server UDP len=2000")

    assert [len(transit.hops) for transit in seen] == [4, 4]
    assert all(received(transit).node == "server" for transit in seen)


def test_a_datagram_cut_by_a_router_arrives_with_its_last_fragment() -> None:
    whole, first, second = transits(routed(mtu=576), "c1 > server UDP len=1000")

    assert whole.lost_after is None
    assert whole.received is second.received
    assert [len(whole.hops), len(first.hops), len(second.hops)] == [3, 2, 2]
    assert whole.received is whole.hops[-1]
    assert first.sent is None
    assert first.first.node == "r1"


def test_a_datagram_that_lost_a_fragment_arrives_nowhere() -> None:
    whole, first, second = transits(routed(mtu=576), "c1 > server UDP len=1000 lost=r1:eth1")

    assert whole.received is None
    assert whole.lost_after is None
    assert {first.lost_after, second.lost_after} == {"r1:eth1"}


def test_fragments_over_ipv6_are_the_source_s() -> None:
    seen = transits(two_hosts(), "c1 > server v6 UDP len=2000")

    assert [received(transit).node for transit in seen] == ["server", "server"]


def test_an_arp_request_is_one_transit_for_all_who_hear_it() -> None:
    (transit,) = transits(lan(), "c1 > server ARP")

    assert sorted(hop.node for hop in transit.hops) == ["c1", "c2", "server"]
    assert transit.received is not None


def test_a_packet_to_a_side_that_was_not_captured_is_not_called_lost() -> None:
    plan = two_hosts()
    seen = [one for one in analysed(plan, "c1 > server UDP len=5").sightings if one.outbound]

    (transit,) = analyse(plan, (), seen).transits
    assert transit.received is None
    assert transit.lost_after is None
