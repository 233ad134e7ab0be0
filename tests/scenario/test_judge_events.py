from __future__ import annotations

from typing import Any

import pytest

from netlab.collect.events import Event
from netlab.scenario.judges.events import judge_events
from netlab.scenario.judges.evidence import Evidence, Finding
from netlab.testing import plans
from netlab.topology.expectations import Condition, Count, EventsExpected


def op(t: int, conn: str, **data: Any) -> Event:
    return Event(t * 1_000_000, "op", "c1", conn, {"op": "fill", "status": "ok", **data})


EVENTS = (
    op(1, "small", bytes=100, errno="EAGAIN", options={"mss": 536}, pid=7),
    op(2, "large", bytes=9000, errno="EAGAIN", pid=8),
    op(3, "large", bytes=0, errno=None, pid=8),
)


def judged(*conditions: Condition, **fields: Any) -> Finding:
    analysis: Any = None  # of no interest here
    expectation = EventsExpected(where="lab.yaml:1:1", text="", conditions=conditions, **fields)
    return judge_events(expectation, Evidence(plans.two_hosts(), EVENTS, analysis))


OP = Condition("kind", "==", "op")


@pytest.mark.parametrize(
    ("conditions", "number"),
    [
        ((OP,), 3),
        ((OP, Condition("conn", "==", "large")), 2),
        ((OP, Condition("errno", "==", None)), 1),
        ((OP, Condition("errno", "!=", "EAGAIN")), 1),
        ((OP, Condition("bytes", ">", 0)), 2),
        ((OP, Condition("bytes", "<=", 100)), 2),
        ((OP, Condition("options.mss", "==", 536)), 1),
        ((OP, Condition("options.mss", ">=", 0)), 1),
        ((OP, Condition("op", "<", 5)), 0),
        ((Condition("kind", "==", "link"),), 0),
    ],
)
def test_events_with_all_the_fields_are_counted(conditions: tuple[Condition, ...], number: int):
    assert judged(*conditions, count=Count("==", number)).passed
    assert not judged(*conditions, count=Count("==", number + 1)).passed
    assert judged(*conditions).passed is (number > 0)


def test_different_values_are_counted():
    finding = judged(OP, count=Count("==", 2), distinct="pid")
    assert finding.passed
    assert finding.seen.splitlines()[0] == "2 different values of pid"


def test_what_came_nearest_is_told():
    finding = judged(OP, Condition("conn", "==", "large"), Condition("bytes", "==", 8000))
    assert finding.expected == "at least one: kind: op, conn: large, bytes: 8000"
    assert finding.seen.splitlines() == [
        "0 events",
        "nearest: c1 at 0.002000 s, but bytes is 9000",
    ]


def test_no_event_of_the_kind():
    assert judged(Condition("kind", "==", "link")).seen == "0 events\nthere is no link event"


def test_a_number_is_no_flag():
    assert not Condition("bytes", ">", 0).holds(True)


def test_times_are_told_with_their_unit_and_a_missing_value_in_words():
    slow = judged(OP, Condition("took", "<", 400_000_000), Condition("thread", "==", None))
    assert slow.expected == "at least one: kind: op, took: < 400ms, thread: nothing"
    assert judged(OP, Condition("bytes", "==", 9000)).seen.splitlines()[0] == "1 event"
    single = judged(OP, Condition("conn", "==", "large"), distinct="pid")
    assert single.seen.splitlines()[0] == "1 value of pid"
