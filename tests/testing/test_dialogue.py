from __future__ import annotations

import pytest

from netlab.analyse.headers import fragment_range, hop_limit
from netlab.testing.dialogue import MILLISECOND, dialogue
from netlab.testing.plans import lan, routed, two_hosts


def test_a_packet_is_seen_where_it_leaves_and_a_millisecond_later_where_it_arrives() -> None:
    left, arrived = dialogue(two_hosts(), "c1 > server SYN seq=0 mss=536")

    assert (left.node, left.interface, left.outbound) == ("c1", "eth0", True)
    assert (arrived.node, arrived.interface, arrived.outbound) == ("server", "eth0", False)
    assert arrived.t - left.t == MILLISECOND
    assert left.packet == arrived.packet
    assert left.packet.problems == ()


def test_a_router_lowers_the_hop_limit() -> None:
    seen = dialogue(routed(), "c1 > server v6 UDP len=10")

    assert [one.node for one in seen] == ["c1", "r1", "r1", "server"]
    assert [hop_limit(one.packet) for one in seen] == [64, 64, 63, 63]


def test_a_router_cuts_what_is_too_large_and_may_be_cut() -> None:
    seen = dialogue(routed(mtu=576), "c1 > server UDP len=1000")

    at_server = [fragment_range(one.packet) for one in seen if one.node == "server"]
    assert at_server == [(0, 552), (552, 1008)]


def test_a_router_drops_what_may_not_be_cut() -> None:
    seen = dialogue(routed(mtu=576), "c1 > server ACK seq=1 ack=1 len=1000")

    assert [one.node for one in seen] == ["c1", "r1"]


def test_a_lost_packet_arrives_nowhere_and_a_copied_one_twice() -> None:
    lost = dialogue(two_hosts(), "c1 > server UDP len=1 lost=c1:eth0")
    copied = dialogue(two_hosts(), "c1 > server UDP len=1 copies=2")

    assert [one.outbound for one in lost] == [True]
    assert [one.outbound for one in copied] == [True, False, False]


def test_all_of_a_lan_hear_an_arp_request() -> None:
    seen = dialogue(lan(), "c1 > server ARP")

    assert {one.node for one in seen if not one.outbound} == {"c2", "server"}


@pytest.mark.parametrize("line", ["hello", "c1 > SYN", "c1 < server SYN"])
def test_what_is_no_line_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="not a line"):
        dialogue(two_hosts(), line)


def test_a_target_that_no_link_reaches_is_refused() -> None:
    with pytest.raises(ValueError, match="no way from c1 to nowhere"):
        dialogue(two_hosts(), "c1 > nowhere SYN")
