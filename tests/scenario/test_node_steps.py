"""What a scenario does to nodes and interfaces, on a clock that jumps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from netlab.collect.eventlog import EventLog
from netlab.scenario.player import Player
from netlab.testing import clock, plans
from netlab.testing.backend import PlayedBackend
from netlab.topology.expectations import SocketsExpected
from netlab.topology.program import Command
from netlab.topology.steps import (
    Change,
    Crash,
    Exec,
    Freeze,
    Moment,
    Parallel,
    Pause,
    Restart,
    SetInterface,
    SetLink,
    Start,
    Step,
    Thaw,
    Timing,
)

LINK = "c1 -- server"


def step(kind: type[Step], timing: Timing | None = None, **fields: Any) -> Any:
    common: dict[str, Any] = {"where": "", "text": kind.__name__, "timing": timing or Timing()}
    return kind(**common, **fields)


def interface(change: Change, value: str | None = None, **fields: Any) -> SetInterface:
    made: SetInterface = step(
        SetInterface, node="server", interface="eth0", change=change, value=value, **fields
    )
    return made


class Stage:
    def __init__(self, log: EventLog) -> None:
        self.log = log
        self.backend = PlayedBackend(log.tell)
        self.expectations: tuple[Any, ...] = ()

    def play(self, *steps: Step) -> list[str]:
        plan = replace(plans.two_hosts(), steps=steps, expectations=self.expectations)
        player = Player(plan, self.backend, self.log)
        clock.play(player.play())
        clock.play(player.end_programs())
        return [f"{round(t, 3):g} {node} {words}" for t, node, words in self.backend.requests]

    def told(self, kind: str) -> list[str]:
        return [str(event.data["status"]) for event in self.log.events if event.kind == kind]

    def failures(self) -> list[str]:
        return [e.data["error"] for e in self.log.events if e.data.get("status") == "failed"]


@pytest.fixture
def stage(log: EventLog) -> Stage:
    return Stage(log)


def test_a_node_is_frozen_for_a_while(stage: Stage):
    frozen = step(Freeze, node="server", duration=2.0)
    assert stage.play(frozen) == ["0 server freeze", "2 server thaw"]
    assert stage.told("node") == ["frozen", "thawed"]


def test_a_node_is_frozen_until_it_is_thawed(stage: Stage):
    asked = stage.play(
        step(Freeze, node="server"), step(Pause, duration=1.0), step(Thaw, node="server")
    )
    assert asked == ["0 server freeze", "1 server thaw"]


def test_a_node_that_crashes_while_it_is_frozen_is_not_thawed(stage: Stage):
    stage.play(step(Freeze, node="server", duration=2.0), step(Crash, node="server"))
    assert stage.told("node") == ["frozen", "crashed"]


def test_a_step_that_waits_for_a_frozen_node_says_so(stage: Stage):
    stage.backend.takes["p"] = 100.0
    run = step(Exec, node="server", name="p", command=Command(argv=("true",)))
    stage.play(step(Freeze, node="server"), run)
    assert stage.failures() == ["no answer within 10 s: the node is frozen"]


def test_a_crash_takes_all_links_of_the_node_down_first(stage: Stage):
    assert stage.play(step(Crash, node="server")) == ["0 server crash eth0"]
    assert stage.told("node") == ["crashed"]


def test_a_restart_brings_links_main_program_and_services_back(stage: Stage):
    assert stage.play(step(Crash, node="server"), step(Restart, node="server")) == [
        "0 server crash eth0",
        "0 server restart",
        "0 server set-link eth0 up",
        "0 c1 settle eth0",
        "0 server settle eth0",
        "0 server until ready",
        "0 server service echo tcp/7",
    ]
    assert stage.told("node") == ["crashed", "ready"]


def test_a_restarted_node_keeps_quiet_before_its_links_come_up(stage: Stage):
    asked = stage.play(step(Crash, node="server"), step(Restart, node="server", quiet=2.0))
    assert asked[1:4] == [
        "0 server restart",
        "0 server keep-quiet",
        "0 server set-link eth0 up",
    ]


def test_a_node_that_runs_crashes_when_it_is_restarted(stage: Stage):
    stage.play(step(Restart, node="server"))
    assert stage.told("node") == ["crashed", "ready"]


def test_a_node_that_has_crashed_cannot_crash_again(stage: Stage):
    stage.play(*[step(each, node="server") for each in (Crash, Crash, Freeze, Thaw)])
    assert stage.failures() == ["server has crashed"] * 3


def test_a_kernel_that_cannot_destroy_sockets_is_told_of(stage: Stage):
    stage.backend.destroys = False
    stage.play(step(Crash, node="server"))
    (notice,) = [event for event in stage.log.events if event.kind == "notice"]
    assert "CONFIG_INET_DIAG_DESTROY" in notice.data["text"]


def test_a_link_that_is_down_stays_down_when_its_node_starts_again(stage: Stage):
    asked = stage.play(
        step(SetLink, link=LINK, up=False),
        step(Restart, node="server"),
        step(SetLink, link=LINK, up=True),
    )
    assert asked[2:] == [
        "0 server crash eth0",
        "0 server restart",
        "0 server until ready",
        "0 server service echo tcp/7",
        "0 c1 set-link eth0 up",
        "0 server set-link eth0 up",
        "0 c1 settle eth0",
        "0 server settle eth0",
    ]


def test_a_link_of_a_crashed_node_is_switched_at_its_other_end(stage: Stage):
    asked = stage.play(step(Crash, node="server"), step(SetLink, link=LINK, up=False))
    assert asked[1:] == ["0 c1 set-link eth0 down"]


def test_steps_wait_for_what_happens_to_nodes(stage: Stage):
    def after(event: str) -> Timing:
        return Timing(after=Moment("server", event))

    crashing = (
        step(Pause, duration=1.0),
        step(Crash, node="server"),
        step(Pause, duration=1.0),
        step(Restart, node="server"),
    )
    waiting = (
        step(Exec, after("crashed"), node="c1", name="p", command=Command(argv=("true",))),
        step(Exec, after("ready"), node="c1", name="q", command=Command(argv=("true",))),
    )
    asked = stage.play(step(Parallel, branches=(crashing, waiting)))
    assert [each for each in asked if "exec" in each] == ["1 c1 exec p", "2 c1 exec q"]


def test_socket_tables_are_read_when_a_node_has_crashed(stage: Stage):
    moment = Moment("server", "crashed")
    stage.expectations = (SocketsExpected(where="", text="", node="c1", sockets=(), moment=moment),)
    asked = stage.play(step(Crash, node="server"), step(Pause, duration=1.0))
    assert asked == ["0 server crash eth0", "0 c1 sockets"]


def test_an_interface_changes(stage: Stage):
    assert stage.play(
        interface(Change.MTU, "1280"),
        interface(Change.ADD, "10.9.0.1/24"),
        interface(Change.REMOVE, "10.9.0.1/24"),
        interface(Change.DOWN, duration=2.0),
    ) == [
        "0 server set-mtu eth0 1280",
        "0 server add-address eth0 10.9.0.1/24",
        "0 server remove-address eth0 10.9.0.1/24",
        "0 server set-link eth0 down",
        "2 server set-link eth0 up",
    ]
    assert stage.told("interface") == ["mtu", "add", "remove", "down", "up"]


def test_a_link_comes_up_with_what_its_interfaces_have_now(stage: Stage):
    stage.play(
        interface(Change.MTU, "1280"),
        interface(Change.ADD, "10.9.0.1/24"),
        interface(Change.REMOVE, "10.0.0.1/24"),
        step(SetLink, link=LINK, up=True),
    )
    (settings,) = stage.backend.configurations["server"]["interfaces"]
    assert settings["mtu"] == 1280
    assert settings["addresses"] == ("fd00::1/64", "10.9.0.1/24")


def test_what_the_kernel_refuses_is_a_failed_step_and_changes_nothing(stage: Stage):
    stage.backend.fails["remove-address"] = ("", "address 10.9.0.1/24: not there")
    stage.play(interface(Change.REMOVE, "10.0.0.1/24"), step(SetLink, link=LINK, up=True))
    assert stage.failures() == ["address 10.9.0.1/24: not there"]
    (settings,) = stage.backend.configurations["server"]["interfaces"]
    assert settings["addresses"] == ("10.0.0.1/24", "fd00::1/64")


def test_programs_that_run_at_the_end_are_ended_and_told_of(stage: Stage):
    stage.backend.still_run["c1"] = ["p"]
    asked = stage.play(step(Start, node="c1", name="p", command=Command(argv=("yes",))))
    assert asked == ["0 c1 start p", "0 c1 end-programs"]
    (notice,) = [event for event in stage.log.events if event.kind == "notice"]
    assert notice.data["text"].startswith("p on c1 still ran at the end")
