from __future__ import annotations

from typing import Any

from netlab.scenario.verdict import Judgement
from netlab.testing.judging import PLACE, judged
from netlab.testing.plans import routed
from netlab.testing.runs import connected
from netlab.topology.expectations import Count, IcmpExpected, IcmpMeant

TOO_LONG = """
    c1 > server  SYN seq=0
    server > c1  SYN ACK seq=0 ack=1
    c1 > server  ACK seq=1 ack=1 len=1400 lost=r1:eth0
    r1 > c1      ICMP frag-needed mtu=1400 quotes=3
    c1:5000 > server:9  UDP len=10
    server > c1  ICMP port-unreachable quotes=5
"""
FRAGMENTATION_NEEDED = (IcmpMeant(4, 3, 4),)


def icmp(text: str = TOO_LONG, **wanted: Any) -> Judgement:
    expectation = IcmpExpected(
        **PLACE, **({"called": "fragmentation needed", "kinds": FRAGMENTATION_NEEDED} | wanted)
    )
    return judged(expectation, text, [connected("first", foreign="10.0.1.1:7")], plan=routed)


def test_an_error_about_a_connection() -> None:
    judgement = icmp(about="first", mtu=1400, reporter="r1", receiver="c1", count=Count("==", 1))

    assert judgement.passed
    assert judgement.expected == (
        "1 of: ICMP fragmentation needed, MTU 1400, about first, from r1, to c1"
    )
    assert judgement.seen == "1 of 2 ICMP errors matches"
    assert len(judgement.frames) == 1


def test_any_error_about_a_connection() -> None:
    assert icmp(called="error", kinds=(), about="first", count=Count("==", 1)).passed
    assert icmp(called="error", kinds=(), count=Count("==", 2)).passed


def test_near_misses_say_all_that_differs_the_nearest_first() -> None:
    judgement = icmp(about="first", mtu=1300, reporter="server")

    assert not judgement.passed
    lines = judgement.seen.splitlines()
    assert lines[0] == "0 of 2 ICMP errors match"
    assert lines[1].endswith(
        "r1:eth0, 0.010030 s: 10.0.0.254 -> 10.0.0.2 ICMP destination unreachable, code 4,"
        " MTU 1400: its MTU is 1400, it is from r1"
    )
    assert lines[2].endswith(
        ": it is icmp 3/3 (destination unreachable), it is not about first, it tells no MTU"
    )


def test_too_many_are_shown() -> None:
    judgement = icmp(called="error", kinds=(), count=Count("==", 0))

    assert not judgement.passed
    assert len(judgement.seen.splitlines()) == 3
    assert "near miss" not in judgement.seen


def test_packet_too_big_over_ipv6() -> None:
    text = """
        c1 > server  SYN seq=0 v6
        r1 > c1      ICMP too-big v6 mtu=1280 quotes=1
    """
    too_big = {"called": "packet too big", "kinds": (IcmpMeant(6, 2, None),)}

    assert icmp(text, **too_big, mtu=1280).passed
    judgement = icmp(text)
    assert not judgement.passed
    assert judgement.seen.endswith(": it is icmpv6 2/0 (packet too big)")
