"""Scenarios on a clock that jumps: seconds below are the scenario's own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from netlab.collect.eventlog import EventLog
from netlab.errors import LabError
from netlab.scenario.player import Player
from netlab.testing import clock, plans
from netlab.testing.backend import PlayedBackend
from netlab.topology.expectations import SocketsExpected
from netlab.topology.options import SocketOptions
from netlab.topology.program import Command
from netlab.topology.steps import (
    Close,
    Connect,
    Exec,
    Moment,
    Parallel,
    Pause,
    Payload,
    Send,
    SetLink,
    Step,
    Timing,
)

LINK = "c1 -- server"


def step(kind: type[Step], timing: Timing | None = None, **fields: Any) -> Any:
    words = [
        kind.__name__.lower(),
        *(str(fields[key]) for key in ("name", "link") if key in fields),
    ]
    common: dict[str, Any] = {
        "where": "labs/lab.yaml:1:1",
        "text": " ".join(words),
        "timing": timing or Timing(),
    }
    return kind(**common, **fields)


def connect(name: str, timing: Timing | None = None, process: str | None = None) -> Connect:
    made: Connect = step(
        Connect,
        timing,
        node="c1",
        name=name,
        transport="tcp",
        host="server",
        address="10.0.0.1",
        port=7,
        process=process,
        options=SocketOptions(),
    )
    return made


def send(name: str, timing: Timing | None = None) -> Send:
    made: Send = step(Send, timing, node="c1", name=name, payload=Payload(5))
    return made


def close(name: str, timing: Timing | None = None) -> Close:
    made: Close = step(Close, timing, node="c1", name=name)
    return made


def after(moment: str, **fields: Any) -> Timing:
    name, event = moment.split()
    return Timing(after=Moment(name, event), **fields)


class Stage:
    """A player, its log, and a backend that does what it is told."""

    def __init__(self, log: EventLog) -> None:
        self.log = log
        self.backend = PlayedBackend(log.tell)
        self.expectations: tuple[Any, ...] = ()

    def play(self, *steps: Step) -> list[str]:
        """What the nodes were asked, and when: ``0 c1 connect first``."""
        plan = replace(plans.two_hosts(), steps=steps, expectations=self.expectations)
        clock.play(Player(plan, self.backend, self.log).play())
        return [f"{round(t, 3):g} {node} {words}" for t, node, words in self.backend.requests]

    def told(self) -> list[str]:
        """The `step` events: ``1 started connect first``."""
        return [
            f"{event.data['step']} {event.data['status']} {event.data['text']}"
            for event in self.log.events
            if event.kind == "step"
        ]

    def error_of(self, status: str) -> Any:
        [event] = [e for e in self.log.events if e.data.get("status") == status]
        return event.data["error"]


@pytest.fixture
def stage(log: EventLog) -> Stage:
    return Stage(log)


def test_steps_are_played_one_after_the_other(stage: Stage):
    stage.backend.takes["first"] = 0.5
    assert stage.play(connect("first"), send("first"), close("first")) == [
        "0 c1 connect first",
        "0.5 c1 send first",
        "1 c1 close first",
    ]
    assert stage.told() == [
        "1 started connect first",
        "1 done connect first",
        "2 started send first",
        "2 done send first",
        "3 started close first",
        "3 done close first",
    ]


def test_a_step_event_says_whose_and_where(stage: Stage):
    stage.play(connect("first"))
    event = next(event for event in stage.log.events if event.kind == "step")
    assert (event.node, event.conn, event.data["where"]) == ("c1", "first", "lab.yaml:1:1")


def test_at_counts_from_the_scenarios_start_and_wait_from_the_step_before(stage: Stage):
    stage.backend.takes["first"] = 0.5
    asked = stage.play(
        connect("first", Timing(at=1.0)), send("first", Timing(wait=0.25)), close("first")
    )
    assert asked == ["1 c1 connect first", "1.75 c1 send first", "2.25 c1 close first"]


def test_a_time_that_has_passed_is_now(stage: Stage):
    stage.backend.takes["first"] = 2.0
    asked = stage.play(connect("first"), send("first", Timing(at=1.0)))
    assert asked == ["0 c1 connect first", "2 c1 send first"]


def test_a_pause(stage: Stage):
    asked = stage.play(connect("first"), step(Pause, duration=3.0), close("first"))
    assert asked == ["0 c1 connect first", "3 c1 close first"]


def test_a_pause_takes_as_long_as_it_says_whatever_a_step_may_take(stage: Stage):
    asked = stage.play(connect("first"), step(Pause, duration=7200.0), close("first"))
    assert asked == ["0 c1 connect first", "7200 c1 close first"]
    assert "2 done pause" in stage.told()


def test_branches_run_side_by_side_and_end_together(stage: Stage):
    stage.backend.takes = {"slow": 2.0}
    asked = stage.play(
        step(
            Parallel,
            branches=((connect("slow"), close("slow")), (connect("quick"), close("quick"))),
        ),
        connect("last"),
    )
    assert sorted(asked) == [
        "0 c1 close quick",
        "0 c1 connect quick",
        "0 c1 connect slow",
        "2 c1 close slow",
        "4 c1 connect last",
    ]


def test_after_a_moment_of_another_branch(stage: Stage):
    stage.backend.takes["first"] = 1.5
    waiting = send("second", after("first established", wait=0.5))
    asked = stage.play(
        connect("second"), step(Parallel, branches=((connect("first"),), (waiting,)))
    )
    assert asked == ["0 c1 connect second", "0 c1 connect first", "2 c1 send second"]


def test_after_a_moment_that_was_long_ago(stage: Stage):
    asked = stage.play(
        connect("first"), step(Pause, duration=1.0), send("first", after("first established"))
    )
    assert asked == ["0 c1 connect first", "1 c1 send first"]


def test_after_a_moment_that_never_happens(stage: Stage):
    stage.play(connect("first"), send("first", after("first closed", within=4.0)), close("first"))
    assert stage.told()[2:] == [
        "2 skipped send first",
        "3 started close first",
        "3 done close first",
    ]
    assert stage.error_of("skipped") == "first closed never happened"
    assert stage.backend.requests[-1][0] == 4.0


def test_branches_after_a_moment_that_never_happens(stage: Stage):
    stage.play(
        connect("first"),
        step(Parallel, after("first closed", within=4.0), branches=((send("first"),),)),
        close("first"),
    )
    assert [words for _, _, words in stage.backend.requests] == ["connect first", "close first"]
    assert "2 skipped parallel" in stage.told()


def test_a_step_that_fails_does_not_stop_the_scenario(stage: Stage):
    stage.backend.fails["first"] = ("ECONNRESET", "Connection reset by peer")
    asked = stage.play(send("first"), connect("second"))
    assert asked == ["0 c1 send first", "0 c1 connect second"]
    failed = next(e for e in stage.log.events if e.data.get("status") == "failed")
    assert failed.data["errno"] == "ECONNRESET"
    assert failed.data["error"] == "Connection reset by peer"


def test_what_needs_a_connection_that_never_was_is_skipped(stage: Stage):
    stage.backend.fails["first"] = ("ECONNREFUSED", "Connection refused")
    assert stage.play(connect("first"), send("first"), connect("second")) == [
        "0 c1 connect first",
        "0 c1 connect second",
    ]
    assert stage.error_of("skipped") == "first failed before"


def test_a_node_that_does_not_answer(stage: Stage):
    stage.backend.takes["first"] = 1000.0
    stage.play(connect("first", Timing(within=2.0)), connect("second"))
    assert stage.error_of("failed") == "no answer within 2 s"
    assert stage.backend.requests[-1] == (7.0, "c1", "connect second")


def test_a_process_is_started_before_its_first_socket(stage: Stage):
    asked = stage.play(connect("first", process="p"), connect("second", process="p"))
    assert asked == ["0 c1 process p", "0 c1 connect first", "0 c1 connect second"]


def test_a_program(stage: Stage):
    run = step(Exec, node="c1", name="ping", command=Command(argv=("ping", "server")))
    asked = stage.play(run, connect("first", after("ping exited")))
    assert asked == ["0 c1 exec ping", "0 c1 connect first"]


def test_a_link_goes_down_at_both_ends(stage: Stage):
    down = step(SetLink, link=LINK, up=False)
    assert stage.play(down) == ["0 c1 set-link eth0 down", "0 server set-link eth0 down"]
    event = next(event for event in stage.log.events if event.kind == "link")
    assert event.data == {"link": LINK, "status": "down"}


def test_a_link_that_is_down_for_a_while_comes_back_while_the_scenario_goes_on(stage: Stage):
    down = step(SetLink, link=LINK, up=False, duration=2.0)
    assert stage.play(down, connect("first"), step(Pause, duration=5.0), close("first")) == [
        "0 c1 set-link eth0 down",
        "0 server set-link eth0 down",
        "0 c1 connect first",
        "2 c1 set-link eth0 up",
        "2 server set-link eth0 up",
        "2 c1 settle eth0",
        "2 server settle eth0",
        "5 c1 close first",
    ]


def test_a_scenario_does_not_end_before_its_links_are_back(stage: Stage):
    asked = stage.play(step(SetLink, link=LINK, up=False, duration=2.0))
    assert asked[-1] == "2 server settle eth0"


def test_a_link_that_cannot_be_switched_breaks_the_lab(stage: Stage):
    stage.backend.fails["set-link"] = ("EPERM", "Operation not permitted")
    with pytest.raises(LabError, match="c1:eth0 could not be switched: Operation not permitted"):
        stage.play(step(SetLink, link=LINK, up=False))


def test_tables_are_read_when_their_moment_comes(stage: Stage):
    stage.backend.tables = [[{"local": "*:7", "foreign": "*:*", "state": "LISTEN"}]]
    stage.expectations = (
        SocketsExpected(
            where="lab.yaml:9:1",
            text="",
            within=1.0,
            node="server",
            sockets=("{*:7, *:*}",),
            moment=Moment("first", "established"),
        ),
    )
    asked = stage.play(connect("first"), close("first"))
    assert asked == ["0 c1 connect first", "0 server sockets", "0 c1 close first"]
    event = next(event for event in stage.log.events if event.kind == "sockets")
    assert (event.node, event.data["moment"]) == ("server", "first established")
