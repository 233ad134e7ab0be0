from __future__ import annotations

import pytest

from netlab.collect.events import Event
from netlab.scenario.moments import moments
from netlab.topology.steps import EVENTS


def named(event: Event) -> list[str]:
    return [str(moment) for moment in moments(event)]


def operation(op: str, status: str = "ok") -> Event:
    return Event(0, "op", "c1", "first", {"op": op, "status": status})


@pytest.mark.parametrize(
    ("op", "reached"),
    [
        ("connect", ["first established", "first done"]),
        ("open", ["first opened", "first done"]),
        ("send", ["first sent", "first done"]),
        ("receive", ["first received", "first done"]),
        ("request", ["first sent", "first received", "first done"]),
        ("shutdown", ["first shutdown", "first done"]),
        ("close", ["first closed", "first done"]),
        ("reset", ["first closed", "first done"]),
        ("transfer", ["first sent", "first shutdown", "first received", "first done"]),
        ("fill", ["first sent", "first done"]),
        ("set", ["first done"]),
        ("many", ["first done"]),
        ("flood", ["first done"]),
    ],
)
def test_what_an_operation_has_reached(op: str, reached: list[str]):
    assert named(operation(op)) == reached
    assert {moment.event for moment in moments(operation(op))} <= set(EVENTS)


def test_nothing_is_not_received():
    event = Event(0, "op", "c1", "first", {"op": "receive", "status": "ok", "nothing": True})
    assert named(event) == ["first done"]


def test_an_operation_that_failed_has_reached_nothing_else():
    assert named(operation("connect", "error")) == ["first failed"]


def test_a_program_has_exited_whatever_its_exit_code():
    event = Event(0, "program", "c1", "ping", {"exit_code": 1})
    assert named(event) == ["ping exited", "ping done"]


def test_events_of_nothing_in_particular_are_no_moments():
    assert named(Event(0, "op", "c1", None, {"op": "close", "status": "ok"})) == []
    assert named(Event(0, "state", "c1", "first", {"new": "ESTABLISHED"})) == []
    assert named(Event(0, "step", "c1", "first", {"status": "done"})) == []


def test_many_connections_are_established_when_the_last_has_been_opened():
    data = {"op": "many", "status": "ok", "stage": "connected"}
    assert named(Event(0, "op", "c1", "crowd", data)) == ["crowd established"]


def test_one_of_many_is_not_what_they_all_reached():
    data = {"op": "connect", "status": "ok", "index": 17}
    assert named(Event(0, "op", "c1", "crowd", data)) == []
