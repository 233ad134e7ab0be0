from __future__ import annotations

import pytest

from netlab.scenario.verdict import Judgement
from netlab.testing.judging import PLACE, judged
from netlab.testing.plans import routed
from netlab.testing.runs import connected
from netlab.topology.expectations import Count, LossExpected, Passage

LOSSY = """
    c1 > server  SYN seq=0 lost=c1:eth0
    c1 > server  SYN seq=0
    server > c1  SYN ACK seq=0 ack=1 lost=server:eth0
    server > c1  SYN ACK seq=0 ack=1
    c1 > server  ACK seq=1 ack=1 lost=r1:eth1
    c1 > server  ACK seq=1 ack=1 len=10
"""
NEAR = Passage("c1 -- r1", ends=("c1:eth0", "r1:eth0"))
FAR_THERE = Passage("r1 -- server ->", ends=("r1:eth1",))
FAR_BACK = Passage("r1 -- server <-", ends=("server:eth0",))


def loss(passage: Passage, count: int, *, survived: bool = False, what: str = "tcp") -> Judgement:
    expectation = LossExpected(
        **PLACE,
        expression=what,
        passage=passage,
        survived=survived,
        count=Count("==", count),
    )
    return judged(expectation, LOSSY, [connected("first", foreign="10.0.1.1:7")], plan=routed)


@pytest.mark.parametrize(("passage", "lost"), [(NEAR, 1), (FAR_THERE, 1), (FAR_BACK, 1)])
def test_losses_on_a_link_by_way(passage: Passage, lost: int) -> None:
    judgement = loss(passage, lost)

    assert judgement.passed
    assert judgement.seen == f"{lost} of 6 lost at {passage.text}"
    assert len(judgement.frames) == lost


@pytest.mark.parametrize(("passage", "got_through"), [(NEAR, 4), (FAR_THERE, 2), (FAR_BACK, 1)])
def test_survivors_of_a_link(passage: Passage, got_through: int) -> None:
    assert loss(passage, got_through, survived=True).passed


def test_an_interface_saw_it_last() -> None:
    assert loss(Passage("r1:eth1", interface="r1:eth1"), 1).passed
    assert loss(Passage("r1:eth0", interface="r1:eth0"), 0).passed


def test_what_came_into_a_node_and_went_on() -> None:
    assert loss(Passage("r1", node="r1"), 0).passed
    assert loss(Passage("r1", node="r1"), 4, survived=True).passed
    assert loss(Passage("server", node="server"), 2, survived=True).passed


def test_only_some_packets() -> None:
    assert loss(NEAR, 1, what="tcp.flags.syn and not tcp.flags.ack").passed


def test_where_they_were_lost_instead() -> None:
    judgement = loss(FAR_THERE, 2)

    assert not judgement.passed
    lines = judgement.seen.splitlines()
    assert lines[0] == "1 of 6 lost at r1 -- server ->"
    assert lines[1].startswith("frame ")
    assert lines[1].endswith(": 10.0.0.2:40000 -> 10.0.1.1:7 ACK 1")
    assert lines[2] == ("last seen elsewhere before they were lost: c1:eth0 (1), server:eth0 (1)")
