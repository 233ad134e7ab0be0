from __future__ import annotations

from typing import Any

from netlab.collect.events import Event
from netlab.scenario.verdict import Judgement
from netlab.testing.judging import PLACE, judged
from netlab.testing.runs import connected, operation
from netlab.topology.expectations import Count, PacketsExpected, StatesExpected
from netlab.topology.steps import Moment

TALK = """
    @1ms  c1 > server  SYN seq=0
    @2ms  server > c1  SYN ACK seq=0 ack=1
    @3ms  c1 > server  ACK seq=1 ack=1
    @20ms c1 > server  FIN ACK seq=1 ack=1
    @22ms server > c1  ACK seq=1 ack=2
    @99ms server > c1  RST seq=1
"""
EVENTS = [
    connected("first", at=4.0, took=3.5),
    operation("first", at=19.0, op="shutdown"),
    operation("first", at=30.0, op="close"),
]
ESTABLISHED, CLOSED = Moment("first", "established"), Moment("first", "closed")


def packets(expression: str, count: int, **wanted: Any) -> Judgement:
    expectation = PacketsExpected(
        **PLACE, expressions=(expression,), count=Count("==", count), **wanted
    )
    return judged(expectation, TALK, EVENTS)


def test_packets_after_and_before_a_moment() -> None:
    assert packets("tcp", 6).passed
    assert packets("tcp", 3, after=ESTABLISHED).passed
    assert packets("tcp", 2, after=ESTABLISHED, before=CLOSED).passed
    assert packets("tcp", 3, before=ESTABLISHED).passed


def test_the_window_is_part_of_what_is_expected() -> None:
    judgement = packets("tcp", 0, after=ESTABLISHED, before=CLOSED)
    assert judgement.expected == "0 of: tcp after first established before first closed"


def test_a_window_that_never_begins_is_no_success() -> None:
    judgement = packets("tcp", 0, after=Moment("second", "established"))
    assert (judgement.passed, judgement.seen) == (False, "second established never came")


def test_states_after_a_moment() -> None:
    def states(*names: str, **window: Any) -> Judgement:
        expectation = StatesExpected(**PLACE, connection="first", node=None, states=names, **window)
        return judged(expectation, TALK, EVENTS)

    assert states("ESTABLISHED").passed
    assert states("FIN_WAIT_1", "FIN_WAIT_2", after=ESTABLISHED).passed
    judgement = states("SYN_SENT", after=ESTABLISHED, before=CLOSED)
    assert not judgement.passed
    assert "SYN_SENT never came" in judgement.seen
    judgement = states("SYN_SENT", after=Moment("first", "shutdown"), before=ESTABLISHED)
    assert judgement.seen.startswith("c1 was in no new state then; it went ")


def test_never_is_judged_to_the_end_of_the_run() -> None:
    ended = Event(50_000_000, "step", "c1", data={"step": 1, "status": "done"})
    never = PacketsExpected(
        **PLACE,
        expressions=("tcp.flags.rst",),
        count=Count("==", 0),
        never=True,
        within=0.0,
    )
    judgement = judged(never, TALK, [*EVENTS, ended])

    assert not judgement.passed
    assert judgement.expected == "never: tcp.flags.rst"
    assert judgement.seen == (
        "1 packet matches\nframe 11, server:eth0, 0.099000 s: 10.0.0.1:7 -> 10.0.0.2:40000 RST"
    )
    assert never.may_break
