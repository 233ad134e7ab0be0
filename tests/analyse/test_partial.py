from __future__ import annotations

from dataclasses import replace

import pytest

from netlab.analyse import analyse, partial
from netlab.scenario.judge import judge
from netlab.scenario.verdict import Judgement
from netlab.testing.dialogue import dialogue
from netlab.testing.plans import two_hosts
from netlab.topology.expectations import Count, PacketsExpected

EXCHANGE = """
    c1 > server  SYN seq=0
    server > c1  SYN ACK seq=0 ack=1
    c1 > server  ACK seq=1 ack=1
    c1 > server  ACK PSH seq=1 ack=1 len=100
    server > c1  FIN ACK seq=1 ack=101
"""


@pytest.fixture(autouse=True)
def most(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the ten frames, five: the last packet is seen to leave and not to arrive."""
    monkeypatch.setattr(partial, "MOST_FRAMES", 5)


def judged(expression: str, count: Count | None) -> Judgement:
    plan = two_hosts()
    expectation = PacketsExpected(
        where="lab.yaml:9:5", text="packets", within=5.0, expressions=(expression,), count=count
    )
    plan = replace(plan, expectations=(expectation,))
    (judgement,) = judge(plan, (), analyse(plan, (), dialogue(plan, EXCHANGE))).judgements
    return judgement


def test_the_first_frames_are_analysed_and_the_last_of_them_is_not_called_lost():
    plan = two_hosts()
    analysis = analyse(plan, (), dialogue(plan, EXCHANGE))
    assert analysis.is_partial
    assert len(analysis.sightings) == 5
    assert [transit.lost_after for transit in analysis.transits] == [None, None, None]


def test_a_capture_that_just_fits_is_whole(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(partial, "MOST_FRAMES", 10)
    plan = two_hosts()
    analysis = analyse(plan, (), dialogue(plan, EXCHANGE))
    assert not analysis.is_partial
    assert len(analysis.sightings) == 10


def test_what_was_seen_stays_seen():
    assert judged("tcp.flags.syn", Count(">=", 2)).passed
    assert judged("tcp.flags.syn", None).passed


@pytest.mark.parametrize("count", [Count("==", 0), Count("<=", 3)])
def test_nobody_can_say_what_was_never_there(count: Count):
    judgement = judged("tcp.flags.fin", count)
    assert not judgement.passed
    assert "only the first part of the capture was analysed" in judgement.seen


def test_the_notice_says_how_much():
    assert partial.notice(5) is None
    assert partial.notice(6) == (
        "the capture has 6 frames, all of them in lab.pcapng; the first 5 are analysed, and"
        " expectations that need the others are not met"
    )
