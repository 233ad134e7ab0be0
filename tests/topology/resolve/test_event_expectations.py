from __future__ import annotations

from collections.abc import Callable

import pytest

from netlab.topology.expectations import Condition, Count, EventsExpected
from netlab.topology.plan import Plan

Loading = Callable[[str], Plan]
Refusing = Callable[[str], list[str]]

LAB = "name: a\nnodes: {c: , s: }\nlinks: [c -- s]\nscenario:\n  - {node: c, open: udp, as: u}\n"


def expecting(events: str, more: str = "") -> str:
    return f"{LAB}expect:\n  - {{events: {events}{more}}}\n"


def test_conditions_have_units_and_comparisons(lab: Loading) -> None:
    text = (
        '{kind: op, conn: u, took: "< 10ms", bytes: ">= 1 KB", sent: 5, errno: null,'
        ' inline: false, op: "!= send", options.ttl: 3}'
    )
    (made,) = lab(expecting(text, ', count: ">= 2", distinct: pid')).expectations
    assert isinstance(made, EventsExpected)
    assert (made.count, made.distinct) == (Count(">=", 2), "pid")
    assert made.conditions == (
        Condition("kind", "==", "op"),
        Condition("conn", "==", "u"),
        Condition("took", "<", 10_000_000),
        Condition("bytes", ">=", 1000),
        Condition("sent", "==", 5),
        Condition("errno", "==", None),
        Condition("inline", "==", False),
        Condition("op", "!=", "send"),
        Condition("options.ttl", "==", 3),
    )


@pytest.mark.parametrize(
    ("events", "says"),
    [
        ("{conn: u}", "needs the kind of the events"),
        ("{kind: opp}", "'opp' is no kind of event (did you mean 'op'?)"),
        ("[op]", "'events' takes a mapping"),
        ("{kind: op, conn: v}", "nothing is called 'v'"),
        ("{kind: op, node: x}", "'x'"),
        ('{kind: op, took: "< soon"}', "< compares numbers, durations and sizes, not 'soon'"),
        ("{kind: op, took: [1]}", "is nothing that took can be"),
        ("{kind: op, Took: 1}", "'Took' is no field of an event"),
    ],
)
def test_one_mistake_is_one_sentence(refused: Refusing, events: str, says: str) -> None:
    (line,) = refused(expecting(events))
    assert says in line
