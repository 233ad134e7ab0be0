"""What steps do to links, on a clock that jumps: seconds below are the scenario's own."""

from __future__ import annotations

from typing import Any

import pytest

from netlab.collect.eventlog import EventLog
from netlab.scenario.player import Player
from netlab.testing import clock
from netlab.testing.backend import PlayedBackend
from netlab.testing.impaired import cable, drop
from netlab.topology.impairment import Action, Fault, Impairment, Profile
from netlab.topology.moment import Moment
from netlab.topology.options import SocketOptions
from netlab.topology.steps import (
    AddFault,
    Connect,
    FlapLink,
    ImpairLink,
    Pause,
    ProfileChange,
    Step,
    Timing,
)

LINK = "c1 -- server"
COMMON: dict[str, Any] = {"where": "lab.yaml:1:1", "text": "", "timing": Timing()}


def pause(seconds: float) -> Pause:
    return Pause(**COMMON, duration=seconds)


def impair(duration: float | None = None, **fields: Any) -> ImpairLink:
    change = ProfileChange(None, forward=True, fields=tuple(fields.items()))
    return ImpairLink(**COMMON, link=LINK, changes=(change,), duration=duration)


def asked(log: EventLog, impairment: Impairment, *steps: Step) -> list[tuple[float, str]]:
    """What the engines of the links were asked, and when."""
    backend = PlayedBackend(log.tell)
    clock.play(Player(cable(impairment, steps), backend, log).play())
    began = backend.requests[0][0]
    return [(round(t - began, 3), words) for t, node, words in backend.requests if node == "links"]


def test_engines_hear_that_the_scenario_begins(log: EventLog) -> None:
    assert asked(log, Impairment(), pause(1)) == [(0, "begin")]


def test_only_what_is_named_changes(log: EventLog) -> None:
    found = asked(log, Impairment(forward=Profile(delay=0.1)), impair(loss=0.05, burst=None))
    assert found[1] == (0, "change c1 -- server forward {'loss': 0.05, 'burst': None}")


def test_a_change_for_a_while_puts_back_what_was_there(log: EventLog) -> None:
    before = Impairment(forward=Profile(delay=0.1))
    found = asked(log, before, impair(2.0, delay=0.5), pause(1), impair(loss=0.1))
    assert found[1:] == [
        (0, "change c1 -- server forward {'delay': 0.5}"),
        (1, "change c1 -- server forward {'loss': 0.1}"),
        (2, "change c1 -- server forward {'delay': 0.1}"),
    ]


def test_changes_are_told(log: EventLog) -> None:
    asked(log, Impairment(), impair(delay=0.5))
    (event,) = (event for event in log.events if event.kind == "link")
    assert event.data["status"] == "impaired"
    assert event.data["profile"] == {"delay": 0.5}


def test_a_link_flaps_while_the_scenario_goes_on(log: EventLog) -> None:
    backend = PlayedBackend(log.tell)
    flap = FlapLink(**COMMON, link=LINK, down=0.1, up=0.2, times=2)
    clock.play(Player(cable(Impairment(), (flap, pause(0.05))), backend, log).play())
    began = backend.requests[0][0]
    at_client = [
        (round(t - began, 3), words.split()[-1])
        for t, node, words in backend.requests
        if node == "c1" and words.startswith("set-link")
    ]
    assert at_client == [(0, "down"), (0.1, "up"), (0.3, "down"), (0.4, "up")]


def test_a_fault_for_a_while_ends_by_the_scenarios_clock(log: EventLog) -> None:
    fault = drop("tcp", nth=(1,))
    step = AddFault(**COMMON, link=LINK, faults=((None, fault),), duration=0.5)
    (_, (at, words)) = asked(log, Impairment(), pause(1), step)
    assert at == 1
    assert "'before': 1.5" in words


@pytest.mark.parametrize("later", [False, True])
def test_engines_hear_of_the_moments_that_held_packets_wait_for(
    log: EventLog, *, later: bool
) -> None:
    moment = Moment("x", "established")
    fault = Fault(Action.HOLD, "udp", True, "", "", until=moment)
    connect = Connect(
        **COMMON,
        node="c1",
        name="x",
        transport="tcp",
        host="server",
        address="10.0.0.1",
        port=7,
        options=SocketOptions(),
    )
    added = AddFault(**COMMON, link=LINK, faults=((None, fault),))
    impairment = Impairment(faults=() if later else (fault,))
    steps = (*((added,) if later else ()), pause(1), connect, pause(1))
    found = asked(log, impairment, *steps)
    assert found[-1] == (1, "release x established")
