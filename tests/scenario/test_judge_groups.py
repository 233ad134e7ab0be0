from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from netlab.collect.events import Event
from netlab.scenario.verdict import Judgement
from netlab.testing.judging import PLACE, judged
from netlab.testing.runs import connected, operation
from netlab.topology.expectations import Bounds, ConnectionsExpected, Count, OperationsExpected
from netlab.topology.steps import Moment

CROWD = """
    @1ms  c1:4001 > server  SYN seq=0
    @3ms  server > c1:4001  SYN ACK seq=0 ack=1
    @5ms  c1:4001 > server  ACK seq=1 ack=1
    @11ms c1:4002 > server  SYN seq=0
    @13ms server > c1:4002  SYN ACK seq=0 ack=1
    @15ms c1:4002 > server  ACK seq=1 ack=1
    @21ms c1:4003 > server  SYN seq=0
    @23ms server > c1:4003  RST ACK ack=1
"""


def crowd(index: int, *, at: float, took: int = 2_000_000, **data: Any) -> Event:
    local = f"10.0.0.2:{4000 + index}"
    known: dict[str, Any] = {
        "op": "connect",
        "local": local,
        "foreign": "10.0.0.1:7",
        "index": index,
    }
    return operation("crowd", at=at, took=took, **known, **data)


REFUSED: dict[str, object] = {"status": "error", "errno": "ECONNREFUSED"}
EVENTS = [crowd(1, at=5), crowd(2, at=15), crowd(3, at=24, took=9_000_000, **REFUSED)]


def connections(events: Sequence[Event] = EVENTS, **wanted: Any) -> Judgement:
    return judged(ConnectionsExpected(**PLACE, **wanted), CROWD, events)


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({}, 3),
        ({"name": "crowd"}, 3),
        ({"to_node": "server", "to_port": 7}, 3),
        ({"to_port": 8}, 0),
        ({"from_node": "server"}, 0),
        ({"state": "ESTABLISHED"}, 2),
        ({"state": "ESTABLISHED", "at_server": True}, 2),
        ({"having": "tcp.flags.rst"}, 1),
        ({"without": "tcp.flags.rst"}, 2),
        ({"state": "ESTABLISHED", "moment": Moment("early", "established")}, 1),
    ],
)
def test_connections_are_counted_by_what_they_are(wanted: dict[str, Any], count: int) -> None:
    events = [*EVENTS, connected("early", at=6.0, local="10.0.0.2:9")]
    judgement = connections(events, **wanted, count=Count("==", count))
    assert judgement.passed, judgement.seen


def test_what_is_different_about_the_others() -> None:
    judgement = connections(name="crowd", without="tcp.flags.rst", count=Count("==", 3))

    assert not judgement.passed
    assert judgement.seen == "2 of 3 connections\n1 with tcp.flags.rst, such as crowd.3"


def test_states_at_a_moment() -> None:
    events = [*EVENTS, connected("early", at=6.0, local="10.0.0.2:9")]
    moment = Moment("early", "established")
    judgement = connections(events, state="ESTABLISHED", moment=moment, count=Count(">=", 2))

    assert not judgement.passed
    assert judgement.seen == ("1 of 3 connections\n2 in no known state, such as crowd.2, crowd.3")


def test_states_ever() -> None:
    judgement = connections(state="ESTABLISHED", count=Count("==", 3))
    assert judgement.seen == "2 of 3 connections\n1 ended in CLOSED, such as crowd.3"


def test_a_moment_that_never_came() -> None:
    judgement = connections(state="ESTABLISHED", moment=Moment("first", "established"))
    assert (judgement.passed, judgement.seen) == (False, "first established never came")


def operations(**wanted: Any) -> Judgement:
    return judged(OperationsExpected(**PLACE, name="crowd", **wanted), CROWD, EVENTS)


def test_operations_are_counted_by_what_they_came_to() -> None:
    assert operations(op="connect", count=Count("==", 3)).passed
    assert operations(failed=False, count=Count("==", 2)).passed
    assert operations(errno="ECONNREFUSED", failed=True, count=Count("==", 1)).passed

    judgement = operations(op="connect", failed=True, count=Count("==", 0))
    assert not judgement.passed
    assert judgement.expected == "connect of crowd: count 0"
    assert judgement.seen == ("1 of 3 operations\nit came to: 2 connect ok, 1 connect ECONNREFUSED")


def test_how_long_they_took() -> None:
    fast = Bounds("< 5ms", high=0.005, includes_high=False)
    assert operations(took=(("p50", fast), ("min", fast), ("mean", fast))).passed

    judgement = operations(took=(("p50", fast), ("max", fast)))
    assert not judgement.passed
    assert judgement.expected == "operations of crowd: p50 < 5ms, max < 5ms"
    assert judgement.seen == (
        "3 of 3 operations\n"
        "min 2.0 ms, p50 2.0 ms, p99 9.0 ms, max 9.0 ms\n"
        "max is 9.0 ms, not < 5ms"
    )


def test_no_operation_took_any_time() -> None:
    judgement = operations(op="close", took=(("max", Bounds("< 5ms", high=0.005)),))

    assert not judgement.passed
    assert judgement.seen.splitlines()[1:] == [
        "none of them took any time",
        "max is unknown, not < 5ms",
    ]
