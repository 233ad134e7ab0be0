"""The life of a lab, on a backend that plays one."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from netlab import lab as lab_module
from netlab.backends.protocol import Message
from netlab.collect.counts import InterfaceCount
from netlab.errors import LabError, NodeError
from netlab.folder import RunFacts, RunFolder
from netlab.lab import Interruption, Lab
from netlab.testing import plans
from netlab.testing.backend import PlayedBackend
from netlab.topology.expectations import Condition, Count, EventsExpected, PacketsExpected
from netlab.topology.plan import Plan
from netlab.topology.steps import Pause, SetLink, Step, Timing
from netlab.wire import pcapng

FACTS = RunFacts("0.1.0", "netlab run", "played", 0, "lab.yaml", "2026-01-02T03:04:05+00:00", "")

Make = Callable[..., Lab]


class Stage(PlayedBackend):
    """Notes what happens to it, and breaks where a test says so."""

    def __init__(self) -> None:
        super().__init__(lambda _: None)
        self.life: list[str] = []
        self.breaks: dict[str, Exception] = {}

    async def up(self, plan: Plan, capture: Path | None, listener: Any) -> None:
        self._step("up")
        self._listener = listener
        if capture:
            names = [f"{n.name}:{i.name}" for n in plan.nodes for i in n.interfaces]
            blocks = [pcapng.section_header(), *map(pcapng.interface_description, names)]
            await asyncio.to_thread(capture.write_bytes, b"".join(blocks))

    async def call(self, node: str, do: str, **arguments: Any) -> Message:
        self._step(f"{do} {node}")
        return await super().call(node, do, **arguments)

    async def change(self, node: str, what: str, **arguments: Any) -> list[str]:
        self._step(f"{what} {node}")
        return await super().change(node, what, **arguments)

    async def flush(self) -> list[InterfaceCount]:
        self._step("flush")
        return [InterfaceCount("c1", "eth0", 0, 0), InterfaceCount("server", "eth0", 0, 0)]

    async def down(self) -> None:
        self._step("down")

    def _step(self, name: str) -> None:
        self.life.append(name)
        if error := self.breaks.get(name):
            raise error


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture(autouse=True)
def no_tracer(monkeypatch: pytest.MonkeyPatch) -> None:
    """As for an ordinary user."""
    monkeypatch.setattr("netlab.collect.trace.os.geteuid", lambda: 1001)


@pytest.fixture
def make(tmp_path: Path, stage: Stage) -> Make:
    def lab(*steps: Step) -> Lab:
        plan = replace(plans.two_hosts(), steps=steps)
        return Lab(plan, stage, RunFolder.create(tmp_path / "out"), FACTS)

    return lab


def pause(seconds: float) -> Pause:
    return Pause(where="lab.yaml:1:1", text="pause", timing=Timing(), duration=seconds)


def live(lab: Lab) -> tuple[Interruption, list[str]]:
    """The interruption, and the phases that began."""
    phases: list[str] = []
    interruption = asyncio.run(
        lab_module.run(lab, phases.append, as_it_plays=lambda: None, as_it_ends=lambda: None)
    )
    return interruption, phases


def reasons(lab: Lab) -> list[Any]:
    return [event.data["reason"] for event in lab.log.events if event.kind == "interrupted"]


def test_up_play_collect_down(stage: Stage, make: Make):
    lab = make(pause(0.001))
    interruption, phases = live(lab)
    assert phases[:3] == ["up", "play", "collect"]
    assert stage.life[:2] == ["up", "service server"]
    assert stage.life[-1] == "down"
    assert stage.life.count("down") == 1
    assert interruption.signal is None
    assert lab.broken is None
    captures = [event for event in lab.log.events if event.kind == "capture"]
    assert [event.node for event in captures] == ["c1", "server"]


def test_a_lab_that_does_not_come_up_is_taken_down(stage: Stage, make: Make):
    stage.breaks["up"] = LabError("the links could not be made")
    with pytest.raises(LabError, match="the links"):
        live(make())
    assert stage.life == ["up", "down"]


def test_a_service_that_does_not_start(stage: Stage, make: Make):
    stage.fails[""] = ("EADDRINUSE", "Address already in use")
    with pytest.raises(LabError, match=r"server: echo tcp/7 does not start: Address already in"):
        live(make())
    assert stage.life[-1] == "down"


def test_a_lab_that_breaks_is_collected_all_the_same(stage: Stage, make: Make):
    link = plans.two_hosts().links[0].name
    step = SetLink(where="lab.yaml:1:1", text="down", timing=Timing(), link=link, up=False)
    stage.breaks["set-link c1"] = NodeError("its agent was killed by SIGKILL", where="c1")
    lab = make(step, pause(30))
    live(lab)
    assert isinstance(lab.broken, NodeError)
    assert reasons(lab) == ["c1: its agent was killed by SIGKILL"]
    assert stage.life[-2:] == ["flush", "down"]


def test_a_lab_that_nobody_asks_anything_says_itself_that_it_breaks(stage: Stage, make: Make):
    async def ended() -> None:
        await asyncio.sleep(0.01)
        raise LabError("nothing will happen any more")

    stage.ended = ended  # type: ignore[method-assign] # a fake
    lab = make(pause(30))
    live(lab)
    assert str(lab.broken) == "nothing will happen any more"
    assert reasons(lab) == ["nothing will happen any more"]
    assert stage.life[-2:] == ["flush", "down"]


def test_the_first_cause_counts(stage: Stage, make: Make):
    stage.breaks["flush"] = LabError("the collector was killed by SIGKILL")
    lab = make()
    live(lab)
    assert str(lab.broken) == "the collector was killed by SIGKILL"
    assert reasons(lab) == ["the collector was killed by SIGKILL"]
    assert stage.life.count("flush") == 2
    assert stage.life[-1] == "down"


def test_a_bug_is_not_hidden(stage: Stage, make: Make):
    stage.breaks["flush"] = KeyError("counts")
    with pytest.raises(KeyError):
        live(make())
    assert stage.life[-1] == "down"


def test_a_signal_ends_the_scenario_and_the_rest_goes_on(stage: Stage, make: Make):
    lab = make(pause(30))

    def interrupt(phase: str) -> None:
        if phase == "play":
            loop = asyncio.get_running_loop()
            loop.call_later(0.01, os.kill, os.getpid(), signal.SIGINT)
            loop.call_later(0.01, os.kill, os.getpid(), signal.SIGTERM)

    interruption = asyncio.run(
        lab_module.run(lab, interrupt, as_it_plays=lambda: None, as_it_ends=lambda: None)
    )
    assert interruption.signal == signal.SIGINT
    assert reasons(lab) == ["SIGINT"]
    assert stage.life[-2:] == ["flush", "down"]


def test_a_signal_before_the_lab_is_up(stage: Stage, make: Make):
    async def never(*_: Any) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.get_running_loop().create_future()

    stage.up = never  # type: ignore[method-assign, assignment] # a fake
    with pytest.raises(asyncio.CancelledError):
        live(make())
    assert stage.life == ["down"]


def test_what_must_never_happen_is_watched_for_to_the_end(make: Make):
    lab = make(pause(0.001))
    never = PacketsExpected(
        where="lab.yaml:1:1",
        text="never tcp",
        expressions=("tcp",),
        count=Count("==", 0),
        never=True,
        within=0.2,
    )
    lab.plan = replace(lab.plan, expectations=(never,))
    began = time.monotonic()
    live(lab)
    assert time.monotonic() - began >= never.within


def events_expected(kind: str) -> EventsExpected:
    conditions = (Condition("kind", "==", kind), Condition("status", "==", "served"))
    return EventsExpected(
        where="lab.yaml:1:1", text="served", conditions=conditions, count=Count("==", 1), within=30
    )


def test_what_a_server_tells_when_the_scenario_is_over_is_waited_for(stage: Stage, make: Make):
    lab = make(pause(0.001))
    lab.plan = replace(lab.plan, expectations=(events_expected("service"),))
    served = {
        "kind": "service",
        "node": "server",
        "service": "echo tcp/7",
        "status": "served",
        "local": "10.0.0.2:7",
        "foreign": "10.0.0.1:50000",
    }
    looked = stage.flush

    async def flush() -> list[InterfaceCount]:
        if stage.life.count("flush") == 4:
            stage._listener(served)
        return await looked()

    stage.flush = flush  # type: ignore[method-assign] # a fake
    live(lab)
    [judgement] = lab.judge(lab.analysis()).judgements
    assert judgement.passed


def test_what_a_step_came_to_is_not_waited_for(make: Make):
    lab = make(pause(0.001))
    lab.plan = replace(lab.plan, expectations=(events_expected("op"),))
    began = time.monotonic()
    live(lab)
    [judgement] = lab.judge(lab.analysis()).judgements
    assert not judgement.passed
    assert time.monotonic() - began < events_expected("op").within / 2
