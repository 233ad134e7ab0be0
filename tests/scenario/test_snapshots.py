from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from netlab.collect.eventlog import EventLog
from netlab.scenario.snapshots import Snapshots
from netlab.testing import clock, plans
from netlab.testing.backend import PlayedBackend
from netlab.topology.expectations import SocketsExpected
from netlab.topology.steps import Moment

ESTABLISHED = Moment("first", "established")
LISTENING = {"local": "*:7", "foreign": "*:*", "state": "LISTEN"}
CONNECTED = {"local": "10.0.0.1:7", "foreign": "10.0.0.2:40000", "state": "ESTABLISHED"}


def expected(*sockets: str, moment: Moment | None = ESTABLISHED) -> SocketsExpected:
    return SocketsExpected(
        where="lab.yaml:9:1", text="", within=1.0, node="server", sockets=sockets, moment=moment
    )


def snapshots(backend: PlayedBackend, log: EventLog, *expectations: SocketsExpected) -> Snapshots:
    return Snapshots(replace(plans.two_hosts(), expectations=expectations), backend, log)


def told(log: EventLog, story: Coroutine[Any, Any, None]) -> list[list[dict[str, Any]]]:
    """The tables that the log holds after ``story``."""
    clock.play(story)
    return [event.data["sockets"] for event in log.events if event.kind == "sockets"]


def test_a_table_that_is_as_expected_is_read_once(log: EventLog):
    backend = PlayedBackend(log.tell)
    backend.tables = [[LISTENING]]
    taken = snapshots(backend, log, expected("{*:7, *:*} LISTEN"))
    assert told(log, taken.take((ESTABLISHED,))) == [[LISTENING]]
    assert len(backend.requests) == 1


def test_a_server_may_need_a_moment_to_accept(log: EventLog):
    backend = PlayedBackend(log.tell)
    backend.tables = [[LISTENING], [LISTENING], [LISTENING, CONNECTED]]
    taken = snapshots(backend, log, expected("{10.0.0.1:7, 10.0.0.2:40000} ESTABLISHED"))
    assert told(log, taken.take((ESTABLISHED,))) == [[LISTENING, CONNECTED]]
    assert len(backend.requests) == 3


def test_after_a_second_the_last_table_counts(log: EventLog):
    backend = PlayedBackend(log.tell)
    backend.tables = [[LISTENING], []]
    taken = snapshots(backend, log, expected("{10.0.0.1:7, *:*} ESTABLISHED"))
    assert told(log, taken.take((ESTABLISHED,))) == [[]]
    assert 1.0 < backend.requests[-1][0] < 3.0
    assert len(backend.requests) < 15


def test_other_moments_read_nothing(log: EventLog):
    backend = PlayedBackend(log.tell)
    taken = snapshots(backend, log, expected("{*:7, *:*}"), expected("{*:7, *:*}", moment=None))
    assert told(log, taken.take((Moment("second", "established"),))) == []
    assert backend.requests == []


def test_the_end_of_the_scenario_is_a_moment_without_a_name(log: EventLog):
    backend = PlayedBackend(log.tell)
    backend.tables = [[LISTENING]]
    taken = snapshots(backend, log, expected("{*:8, *:*}"), expected("{*:7, *:*}", moment=None))
    assert told(log, taken.take_final()) == [[LISTENING]]
    assert log.events[-1].data["moment"] is None
