from __future__ import annotations

from dataclasses import replace

import pytest

from netlab.testing.dialogue import dialogue
from netlab.testing.exchange import differences, exchange
from netlab.testing.plans import routed, two_hosts
from netlab.wire import igmp
from netlab.wire.address import from_text
from netlab.wire.ipv4 import Ipv4
from netlab.wire.packet import Packet

OPENED = """\
c1 > server  SYN seq=0 mss=536 {isn}
server > c1  SYN ACK seq=0 ack=1 mss=1460
c1 > server  ACK seq=1 ack=1 len={length} {id}
"""


def told(text: str = OPENED, **words: object) -> dict[str, list[str]]:
    filled = text.format(**{"isn": "", "id": "", "length": 100, **words})
    return exchange(dialogue(two_hosts(), filled))


ENDS = "10.0.0.1:7 - 10.0.0.2:chosen1"


def test_each_interface_tells_its_packets_in_the_order_of_each_way():
    opened = told()

    assert {place: len(lines) for place, lines in opened.items()} == {
        f"c1:eth0 out tcp {ENDS}": 2,
        f"server:eth0 in tcp {ENDS}": 2,
        f"server:eth0 out tcp {ENDS}": 1,
        f"c1:eth0 in tcp {ENDS}": 1,
    }
    assert opened[f"server:eth0 in tcp {ENDS}"][1] == (
        "ttl 64 length 140 DF 10.0.0.2:chosen1 > 10.0.0.1:7 tcp ACK seq 1 ack 1 data 100"
    )


def test_which_of_two_packets_that_meet_is_seen_first_makes_no_difference():
    data, ack = "c1 > server ACK seq=101 ack=1 len=9\n", "server > c1 ACK seq=1 ack=101\n"

    assert told(OPENED + data + ack) == told(OPENED + ack + data)


def test_of_two_that_an_address_chose_for_two_servers_each_is_the_first():
    one, other = "c1:40000 > server:7 UDP len=1\n", "c1:40001 > server:9 UDP len=1\n"

    assert told(one + other.replace("40001", "40000")) == told(one + other)


def test_what_each_run_chooses_anew_makes_no_difference():
    times = OPENED.replace("server >", "@70ms server >")

    assert told(isn="isn=4294967295", id="id=99") == told() == told(times)


@pytest.mark.parametrize(
    "other",
    [
        OPENED.replace("len={length}", "len=101"),
        OPENED.replace("mss=536", "mss=1460"),
        OPENED.replace("c1 > server  ACK seq=1 ack=1", "c1 > server  FIN ACK seq=1 ack=1"),
        OPENED.replace("c1 > server  ACK seq=1", "c1 > server  ACK seq=2"),
        OPENED + "server > c1  RST seq=1\n",
        OPENED.replace("c1 > server  ACK", "c1:40001 > server  ACK"),
    ],
)
def test_everything_else_does(other: str):
    assert told(other) != told()


def test_an_icmp_error_tells_what_it_is_about():
    text = "c1 > server ACK seq=1 ack=1 len=1000\nr1 > c1 ICMP frag-needed mtu=576 quotes=1"

    said = exchange(dialogue(routed(mtu=576), text))

    told = {place: lines for place, lines in said.items() if place.startswith("c1:eth0 in errors")}
    ((error,),) = told.values()
    assert "icmp 3/4 mtu 576" in error
    assert "about [ttl 64" in error


def test_transports_do_not_share_ports():
    both = dialogue(two_hosts(), "c1:40000 > server UDP len=1\nc1:40000 > server SYN seq=0\n")

    places = {place for place in exchange(both) if place.startswith("c1:eth0 out")}
    assert places == {f"c1:eth0 out {kind} {ENDS}" for kind in ("tcp", "udp")}


def test_two_runs_differ_by_the_conversations_that_no_two_of_them_tell_alike():
    one, other = told(), told(length=101)

    assert differences([one], [one]) == differences([other, one], [one]) == []
    wrong = differences([one, one], [other])
    assert wrong[0] == f"c1:eth0 out tcp {ENDS}"
    assert [line[-9:] for line in wrong if line.startswith(("-ttl", "+ttl"))] == [
        " data 100",
        " data 101",
    ] * 2, "at each end"
    assert differences([one], [{}]), "nothing is not the same as something"
    assert differences([one], [{}], shared=True) == []
    assert differences([one], [other], shared=True) == wrong


def test_of_conversations_at_once_it_makes_no_difference_which_comes_first():
    one, other = "c1:1500 > server UDP len=1\n", "c1:1501 > server UDP len=2\n"

    assert told(one + other) == told(other + one)


def test_of_a_burst_it_makes_no_difference_where_the_acks_fall():
    data = "c1:1500 > server ACK seq={} ack=1 len=100\n"
    ack = "server > c1:1500 ACK seq=1 ack={}\n"
    first, second = data.format(1), data.format(101)

    assert told(first + ack.format(101) + second) == told(first + second + ack.format(101))
    assert told(first + ack.format(201) + second) != told(first + second + ack.format(101))


def test_neighbours_are_left_out():
    assert exchange(dialogue(two_hosts(), "c1 > server ARP")) == {}


def test_reports_of_groups_come_again_by_chance():
    (sighting, *_) = dialogue(routed(mtu=1500), "c1:1500 > server UDP len=1\n")
    report = Ipv4(from_text("10.0.0.2"), from_text("224.0.0.22"), igmp.PROTOCOL)

    assert exchange([replace(sighting, packet=Packet(40, ip=report))]) == {}
