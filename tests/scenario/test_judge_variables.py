from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from netlab.collect.events import Event
from netlab.scenario.verdict import Judgement
from netlab.testing.dialogue import MILLISECOND
from netlab.testing.judging import PLACE, judged
from netlab.testing.runs import connected, operation, variables
from netlab.topology.expectations import VariablesExpected
from netlab.topology.model.expectations.variables import claim
from netlab.topology.steps import Moment

TALK = """
    @1ms c1 > server  SYN seq=0 isn=1000
    @3ms server > c1  SYN ACK seq=0 ack=1 isn=9000
    @5ms c1 > server  ACK seq=1 ack=1 len=100
    @7ms server > c1  ACK seq=1 ack=101
"""
SEEN = [
    variables(1),
    variables(4, SND_UNA=1001, SND_WND=500, IRS=9000, RCV_NXT=9001, cwnd=4000, srtt=3_000_000),
    variables(5, SND_UNA=1001, SND_NXT=1101, SND_WND=500, IRS=9000, RCV_NXT=9001, cwnd=4000),
    variables(8, SND_UNA=1101, SND_NXT=1101, SND_WND=400, IRS=9000, RCV_NXT=9001, cwnd=2000),
]


def told(
    text: str,
    *,
    node: str | None = None,
    at: str | None = None,
    after: str | None = None,
    events: Sequence[Event] = SEEN,
) -> Judgement:
    expectation = VariablesExpected(
        **PLACE,
        connection="first",
        node=node,
        claim=claim(text),
        at=Moment("first", at) if at else None,
        after=Moment("first", after) if after else None,
    )
    calls = [connected("first", at=4.5, took=4), operation("first", at=9, op="close")]
    return judged(expectation, TALK, [*calls, *events])


TIMED = [
    variables(1, timer_retransmission=1_000_000_000),
    variables(4, SND_UNA=1001),
    variables(4.25, SND_UNA=1001, timer_retransmission=200_000_000, timer_keepalive=7_200 * 10**9),
    variables(8, SND_UNA=1101, timer_keepalive=7_200 * 10**9),
]


@pytest.mark.parametrize(
    "text",
    [
        "first timer.retransmission == on",
        "ever timer_retransmission == off",
        "last timer.retransmission == off",
        "always timer.persist == off",
        "first timer.retransmission == 1s",
        "min timer.retransmission == 200ms",
        "max timer.keepalive == 7200s",
        "always timer.retransmission < timer.keepalive",
    ],
)
def test_a_timer_is_on_or_off_or_has_time_left(text: str) -> None:
    judgement = told(text, events=TIMED)
    assert judgement.passed, judgement.seen


def test_at_a_moment_a_timer_has_run_down() -> None:
    assert told("timer.retransmission == on", at="established", events=TIMED).passed
    judgement = told("timer.retransmission == 200ms", at="established", events=TIMED)
    assert judgement.seen.startswith("timer.retransmission 199.8 ms at 0.004500 s")
    judgement = told("timer.retransmission > 0s", at="closed", events=TIMED)
    assert judgement.seen == "timer.retransmission was off then"


def test_a_timer_that_is_otherwise_is_told_with_its_time() -> None:
    judgement = told("always timer.retransmission == on", events=TIMED)
    assert judgement.seen == (
        "timer.retransmission off at 0.004000 s; on first, off last, 3 changes"
    )


@pytest.mark.parametrize(
    "text",
    [
        "first SND.UNA == 0",
        "last SND.UNA == 101",
        "first RCV.NXT == 1",
        "max cwnd == 4000 bytes",
        "min SND.WND == 0 bytes",
        "ever SND.WND >= 450 bytes",
        "always SND.UNA <= SND.NXT",
        "ever SND.UNA == SND.NXT",
        "max srtt == 3ms",
        "first ISS == 1000",
        "SND.UNA never falls",
        "MSS never changes",
    ],
)
def test_what_is_so_is_met(text: str) -> None:
    judgement = told(text)
    assert judgement.passed, judgement.seen


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("last SND.UNA == 102", "SND.UNA 101 at 0.008000 s; 0 first, 101 last, 2 changes"),
        ("max srtt < 1ms", "srtt 3.0 ms at 0.004000 s; 3.0 ms first, 3.0 ms last, 0 changes"),
        (
            "always SND.UNA == SND.NXT",
            "SND.UNA 0, SND.NXT 1 at 0.001000 s; 0 first, 101 last, 2 changes",
        ),
        # Of values that all are wrong the nearest is told.
        ("ever SND.WND >= 600 bytes", "SND.WND 500 at 0.004000 s; 0 first, 400 last, 2 changes"),
        (
            "cwnd never falls",
            "cwnd 4000 at 0.005000 s then cwnd 2000 at 0.008000 s; 536 first, 2000 last, 2 changes",
        ),
        (
            "SND.UNA never rises",
            "SND.UNA 0 at 0.001000 s then SND.UNA 1 at 0.004000 s; 0 first, 101 last, 2 changes",
        ),
        ("last ssthresh == 1 byte", "ssthresh meant nothing then"),
    ],
)
def test_what_is_not_so_is_told_with_its_time(text: str, seen: str) -> None:
    judgement = told(text)
    assert not judgement.passed
    assert judgement.seen == seen


def test_the_segments_that_made_the_change_are_named() -> None:
    judgement = told("cwnd never falls")
    # The data, as it left c1, and its ACK, as it came there.
    assert judgement.frames == (5, 8)


def test_at_a_moment_the_value_holds_that_was_told_last() -> None:
    assert told("SND.UNA == 1", at="established").passed
    assert told("SND.NXT == 1", at="established").passed
    judgement = told("SND.UNA == 1", at="closed")
    assert judgement.expected == "SND.UNA == 1 of first, at first closed"
    assert judgement.seen.startswith("SND.UNA 101 at 0.008000 s")


def test_a_moment_that_never_came() -> None:
    assert told("SND.UNA == 1", at="shutdown").seen == "first shutdown never came"


def test_in_a_window_the_value_that_it_begins_with_counts() -> None:
    assert told("min SND.WND == 400 bytes", after="established").passed
    assert told("first SND.UNA == 1", after="established").passed
    # Told before the window, and holding until the data is sent in it.
    assert told("first SND.NXT == 1", after="established").passed
    assert told("first srtt == 3ms", after="established").passed
    assert not told("always cwnd < 4000 bytes", after="established").passed


def test_the_other_end_was_not_asked() -> None:
    assert told("last SND.UNA == 1", node="server").seen == (
        "server told nothing of its control block: only a node on netlab's own stack does"
        " ('stack: user')"
    )


def test_an_end_that_is_none_and_a_connection_that_was_not_seen() -> None:
    assert told("last SND.UNA == 1", node="r1").seen.startswith("r1 is no end of first")
    expectation = VariablesExpected(
        **PLACE, connection="talk", node=None, claim=claim("last SND.UNA == 1")
    )
    judgement = judged(expectation, TALK, [connected("first")])
    assert judgement.seen == "no packet of talk; the connections are: first"


def test_of_a_crowd_every_connection_is_asked() -> None:
    text, events = "", []
    for index in (1, 2):
        text += f"@{10 * index}ms c1:{4000 + index} > server  SYN seq=0\n"
        local = f"10.0.0.2:{4000 + index}"
        call: dict[str, Any] = {"op": "connect", "local": local, "foreign": "10.0.0.1:7"}
        events += [
            operation("crowd", at=10 * index + 5, took=MILLISECOND, index=index, **call),
            variables(10 * index, local=local, cwnd=536 * index),
        ]

    def crowd(text_of_claim: str) -> Judgement:
        expectation = VariablesExpected(
            **PLACE, connection="crowd", node=None, claim=claim(text_of_claim)
        )
        return judged(expectation, text, events)

    assert crowd("last cwnd >= 536 bytes").passed
    for wrong, seen in (("536", "cwnd 1072"), ("1072", "cwnd 536")):
        judgement = crowd(f"last cwnd == {wrong} bytes")
        assert not judgement.passed
        assert judgement.seen.startswith(seen)
