"""Judges what the run's events say."""

from __future__ import annotations

from collections.abc import Sequence

from netlab.collect.events import Event
from netlab.scenario.judges.evidence import Evidence, Finding, seconds
from netlab.topology.expectations import Condition, EventsExpected
from netlab.topology.expectations.events import spelled

#: How many events a finding tells of.
_SHOWN = 3


def judge_events(expectation: EventsExpected, evidence: Evidence) -> Finding:
    deadline = evidence.deadline(expectation)
    events = [event for event in evidence.events if event.t <= deadline]
    found = [event for event in events if not _unmet(expectation.conditions, event)]
    number = len(found)
    what = "event" if number == 1 else "events"
    if expectation.distinct is not None:
        number = len({repr(value_of(event, expectation.distinct)) for event in found})
        what = f"{'value' if number == 1 else 'different values'} of {expectation.distinct}"
    passed = expectation.count.allows(number) if expectation.count else number > 0
    wanted = str(expectation.count) if expectation.count else "at least one"
    expected = f"{wanted}: {', '.join(map(str, expectation.conditions))}"
    seen = [f"{number} {what}", *_lines(found, expectation.distinct)]
    if not found:
        seen += _nearest(expectation.conditions, events)
    return Finding(passed, expected, "\n".join(seen))


def value_of(event: Event, field: str) -> object:
    """The field of an event; ``options.mss`` is a field within one."""
    value: object = {"node": event.node, "conn": event.conn, "kind": event.kind, **event.data}
    for name in field.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _unmet(conditions: Sequence[Condition], event: Event) -> list[Condition]:
    return [one for one in conditions if not one.holds(value_of(event, one.field))]


def _lines(found: Sequence[Event], distinct: str | None) -> list[str]:
    lines = [
        f"{event.node or ''} at {seconds(event.t)}"
        + (f": {distinct} {spelled(distinct, value_of(event, distinct))}" if distinct else "")
        for event in found[:_SHOWN]
    ]
    return [*lines, f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else lines


def _nearest(conditions: Sequence[Condition], events: Sequence[Event]) -> list[str]:
    """The event of the kind that holds most, and what it is instead."""
    kind = next(one for one in conditions if one.field == "kind")
    near = [event for event in events if kind.holds(event.kind)]
    if not near:
        return [f"there is no {kind.value} event"]
    best = min(near, key=lambda event: len(_unmet(conditions, event)))
    differs = (
        f"{one.field} is {spelled(one.field, value_of(best, one.field))}"
        for one in _unmet(conditions, best)
    )
    return [f"nearest: {best.node or ''} at {seconds(best.t)}, but {', '.join(differs)}"]
