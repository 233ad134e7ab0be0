from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from netlab.collect.events import Event
from netlab.scenario.judge import judge
from netlab.scenario.judges.clauses import clauses
from netlab.scenario.verdict import Judgement
from netlab.testing.plans import routed, two_hosts
from netlab.testing.runs import analysed, connected
from netlab.topology.expectations import Count, PacketsExpected
from netlab.topology.plan import Plan

EXCHANGE = """
    c1 > server  SYN seq=0 mss=536
    server > c1  SYN ACK seq=0 ack=1 mss=1460
    c1 > server  ACK seq=1 ack=1
    c1 > server  ACK PSH seq=1 ack=1 len=100
    server > c1  ACK PSH seq=1 ack=101 len=50
    c1 > server  FIN ACK seq=101 ack=51
"""


def judged(
    *expressions: str,
    text: str = EXCHANGE,
    plan: Callable[[], Plan] = two_hosts,
    events: Sequence[Event] = (),
    within: float = 5.0,
    **wanted: Any,
) -> Judgement:
    expectation = PacketsExpected(
        where="lab.yaml:9:5", text="packets", within=within, expressions=expressions, **wanted
    )
    made = plan()
    foreign = "10.0.0.1:7" if plan is two_hosts else "10.0.1.1:7"
    events = [connected("first", foreign=foreign), *events]
    analysis = analysed(made, text, events)
    return judge(replace(made, expectations=(expectation,)), events, analysis).judgements[0]


def test_one_expression_matches_at_least_once() -> None:
    judgement = judged("tcp.flags.fin")

    assert judgement.passed
    assert judgement.expected == ">= 1 of: tcp.flags.fin"
    assert judgement.seen == "1 packet matches"
    assert judgement.frames == (11,)


@pytest.mark.parametrize(
    ("count", "passed"),
    [
        (Count("==", 2), True),
        (Count("==", 1), False),
        (Count("<=", 2), True),
        (Count(">", 2), False),
    ],
)
def test_so_many_match(count: Count, passed: bool) -> None:
    judgement = judged("tcp.flags.syn", count=count)

    assert judgement.passed is passed
    assert judgement.seen.startswith("2 packets match")


def test_each_packet_counts_once_however_many_interfaces_saw_it() -> None:
    assert judged("tcp.flags.syn", count=Count("==", 2), plan=routed).passed


def test_at_a_place_every_sighting_counts() -> None:
    assert judged("tcp.flags.syn", count=Count("==", 4), plan=routed, at="r1").passed
    assert judged("tcp.flags.syn", count=Count("==", 2), plan=routed, at="r1:eth1").passed
    assert judged("ip.ttl == 63 and tcp.flags.syn", plan=routed, at="server").passed


def test_an_arrival_counts_once_for_a_fragment_and_for_the_datagram_it_completes() -> None:
    judgement = judged(
        "ip",
        text="c1 > server UDP len=1000",
        plan=lambda: routed(mtu=576),
        at="server",
        count=Count("==", 2),
    )

    assert judgement.passed


def test_sequence_numbers_are_relative() -> None:
    assert judged("tcp.seq == 101 and tcp.ack == 51 and tcp.flags.fin").passed


def test_packets_that_should_not_be_are_named() -> None:
    judgement = judged("tcp.flags.fin", count=Count("==", 0))

    assert not judgement.passed
    assert judgement.seen == (
        "1 packet matches\n"
        "frame 11, c1:eth0, 0.011000 s: 10.0.0.2:40000 -> 10.0.0.1:7 FIN 101, ACK 51"
    )


def test_near_misses_name_the_clause_they_miss() -> None:
    judgement = judged("tcp.flags.syn and tcp.options.mss == 1400")

    assert not judgement.passed
    assert judgement.seen == (
        "0 packets match\n"
        "near miss: frame 3, server:eth0, 0.003000 s: 10.0.0.1:7 -> 10.0.0.2:40000"
        " SYN, ACK 1, MSS 1460 is not tcp.options.mss == 1400 (tcp.options.mss was 1460)\n"
        "near miss: frame 1, c1:eth0, 0.001000 s: 10.0.0.2:40000 -> 10.0.0.1:7 SYN, MSS 536"
        " is not tcp.options.mss == 1400 (tcp.options.mss was 536)"
    )


def test_near_misses_are_three_at_most() -> None:
    judgement = judged("tcp and tcp.window == 1")

    assert judgement.seen.count("near miss") == 3


def test_in_order_with_others_between() -> None:
    judgement = judged("tcp.flags.syn", "tcp.len == 100", "tcp.flags.fin")

    assert judgement.passed
    assert judgement.seen == "3 of 3 in order"
    assert judgement.frames == (1, 7, 11)


def test_the_wrong_order_shows_how_far_it_got_and_what_came_next() -> None:
    judgement = judged("tcp.len == 100", "tcp.flags.syn")

    assert not judgement.passed
    lines = judgement.seen.splitlines()
    assert lines[0] == "1 of 2 in order"
    assert lines[1].startswith("frame 7, c1:eth0")
    assert lines[2] == "nothing after matches: tcp.flags.syn"
    assert [line[:14] for line in lines[3:]] == ["next: frame 9,", "next: frame 11"]


def test_exact_allows_nothing_between() -> None:
    assert judged("tcp.len == 100", "tcp.len == 50", exact=True).passed

    judgement = judged("tcp.flags.syn", "tcp.flags.syn", "tcp.len == 100", exact=True)
    assert not judgement.passed
    assert judgement.seen.startswith("2 of 3 in order")
    assert "nothing directly after matches: tcp.len == 100" in judgement.seen
    assert "next: frame 5, c1:eth0" in judgement.seen


def test_a_connection_s_packets_only_with_the_icmp_that_quotes_them() -> None:
    text = """
        c1 > server  SYN seq=0
        c1:5000 > server:5000  UDP len=10
        server > c1  ICMP port-unreachable quotes=1
    """

    assert judged("ip", text=text, count=Count("==", 2), connection="first").passed
    assert judged("ip", text=text, count=Count("==", 3)).passed


def test_no_packet_of_a_connection_says_so_unless_none_is_right() -> None:
    assert judged("tcp", connection="second", count=Count("==", 0)).passed
    judgement = judged("tcp", connection="second")
    assert not judgement.passed
    assert judgement.seen.startswith("no packet of second; the connections are: first")


def test_packets_after_the_deadline_do_not_count() -> None:
    step = Event(1_000_000, "step", "c1", data={"step": 1, "status": "done"})

    assert judged("tcp.flags.fin", events=[step], within=0.001, count=Count("==", 0)).passed


@pytest.mark.parametrize(
    ("expression", "parts"),
    [
        ("tcp", ("tcp",)),
        ("tcp and udp", ("tcp", "udp")),
        ("tcp.flags.syn&&!(udp or icmp)", ("tcp.flags.syn", "!(udp or icmp)")),
        ("tcp or udp and icmp", ("tcp or udp and icmp",)),
        ('data contains "a and b" and tcp', ('data contains "a and b"', "tcp")),
        ("src.node == band && tcp", ("src.node == band", "tcp")),
    ],
)
def test_an_expression_is_taken_apart_at_its_outermost_and(
    expression: str, parts: tuple[str, ...]
) -> None:
    assert clauses(expression) == parts
