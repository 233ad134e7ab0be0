"""Whatever is killed, whenever: afterwards nothing of the lab is left."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from netlab.testing.leftovers import Leftovers
from netlab.testing.running import RunningCommand

pytestmark = pytest.mark.lab

Start = Callable[..., RunningCommand]

SEED = 20
VICTIMS = ("orchestrator", "holder", "first", "agent", "collector")
LABS_AT_ONCE = 5


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("role", VICTIMS)
def test_nothing_is_left(role: str, number: int, start: Start, leftovers: Leftovers):
    """Fifty moments in all. Five labs at once: up, run, collecting and down take them some 3 s."""
    source = random.Random(f"{SEED} {role} {number}")
    moments = sorted(source.uniform(0.05, 3.0) for _ in range(LABS_AT_ONCE))
    began = time.monotonic()
    commands = [start(pause="300ms", out=f"out{n}") for n in range(LABS_AT_ONCE)]
    for command, moment in zip(commands, moments, strict=True):
        kill(command, role, began + moment)
    for command in commands:
        assert command.wait() in {0, 1, 3, 4, -signal.SIGKILL}, command.said
        assert "Traceback" not in command.said
    left = leftovers.found()
    assert not left, "\n".join(left)


def kill(command: RunningCommand, role: str, due: float) -> None:
    """Kill it when it is due, or as soon after as it is there."""
    while time.monotonic() < due and not command.ended:
        time.sleep(0.002)
    while not command.ended:
        if pid := command.find(role):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            return


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's labs have a tracer")
def test_a_tracer_that_is_killed_costs_exactness_and_the_next_removes_its_trace(
    start: Start, leftovers: Leftovers
):
    command = start(pause="200ms")
    lost = kill_in_the_middle(command, "tracer")
    assert command.wait() == 0, command.said
    assert "the tracer was lost" in (command.out / "report.txt").read_text()
    assert not leftovers.found()
    following = start(pause="1s", out="following")
    following.wait_for_step(3)
    tracer = following.find("tracer")
    assert tracer
    names = [path.name for path in Path(f"/proc/{tracer}/root/sys/kernel/instances").iterdir()]
    assert any(each.startswith(f"netlab-{tracer}-") for each in names)
    assert not any(each.startswith(f"netlab-{lost}-") for each in names)


def kill_in_the_middle(command: RunningCommand, role: str) -> int:
    """The pid of what was killed, while the scenario pauses."""
    command.wait_for_step(3)
    victim = command.find(role)
    assert victim
    os.kill(victim, signal.SIGKILL)
    return victim


def test_a_lab_that_breaks_still_leaves_its_report(start: Start, leftovers: Leftovers):
    words = {
        "agent": ": its agent was killed by SIGKILL",
        "collector": "the collector was killed by SIGKILL",
        "first": "",
        "holder": "",
    }
    commands = {role: start(pause="500ms", out=role) for role in words}
    for role, command in commands.items():
        kill_in_the_middle(command, role)
    for role, command in commands.items():
        assert command.wait() == 4, command.said
        assert words[role] in command.said
        assert words[role] in " ".join((command.out / "report.txt").read_text().split())
        assert (command.out / "report.html").exists()
    assert not leftovers.found()


def test_two_labs_at_once_and_one_is_killed_and_run_again(start: Start, leftovers: Leftovers):
    doomed, survivor = start(out="doomed"), start(pause="1s", out="survivor", source=1600)
    survivor.wait_for_step(3)
    kill_in_the_middle(doomed, "orchestrator")
    assert doomed.wait() == -signal.SIGKILL
    assert survivor.wait() == 0, survivor.said
    report = json.loads((survivor.out / "report.json").read_text())
    assert [each["name"] for each in report["connections"]] == ["first"]
    assert not leftovers.found()
    assert start(out="doomed", pause="10ms").wait() == 0
