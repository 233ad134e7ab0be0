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
LABS_AT_ONCE = 4


@pytest.mark.parametrize("role", VICTIMS)
def test_nothing_is_left(role: str, start: Start, leftovers: Leftovers):
    """Four labs at once: reading, up, run, collecting and down take them some 3 s."""
    source = random.Random(f"{SEED} {role}")
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
def test_a_tracer_that_is_killed_costs_exactness_only(start: Start, leftovers: Leftovers):
    command = start(pause="200ms")
    command.wait_for_step(3)
    victim = command.find("tracer")
    assert victim
    os.kill(victim, signal.SIGKILL)
    assert command.wait() == 0, command.said
    assert "the tracer was lost" in (command.out / "report.txt").read_text()
    assert not leftovers.found()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's labs have a tracer")
def test_the_next_run_removes_the_trace_that_a_killed_tracer_left(start: Start):
    command = start(pause="200ms")
    command.wait_for_step(3)
    victim = command.find("tracer")
    assert victim
    name = f"netlab-{victim}-"
    os.kill(victim, signal.SIGKILL)
    command.wait()
    following = start(pause="1s", out="following")
    following.wait_for_step(3)
    tracer = following.find("tracer")
    assert tracer
    instances = Path(f"/proc/{tracer}/root/sys/kernel/instances")
    names = [path.name for path in instances.iterdir()]
    assert any(each.startswith(f"netlab-{tracer}-") for each in names)
    assert not any(each.startswith(name) for each in names)


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("agent", "its agent was killed by SIGKILL"),
        ("collector", "the collector ended: its agent was killed by SIGKILL"),
        ("first", ""),
        ("holder", ""),
    ],
)
def test_a_lab_that_breaks_still_leaves_its_report(
    role: str, words: str, start: Start, leftovers: Leftovers
):
    command = start(pause="300ms")
    command.wait_for_step(3)
    victim = command.find(role)
    assert victim
    os.kill(victim, signal.SIGKILL)
    assert command.wait() == 4, command.said
    report = (command.out / "report.txt").read_text()
    assert words in " ".join(report.split())
    assert words in command.said
    if role == "agent":
        assert "c1" in command.said
    assert (command.out / "report.html").exists()
    assert not leftovers.found()


def test_the_folder_of_a_killed_run_can_be_used_again(start: Start):
    command = start()
    command.wait_for_step(3)
    os.kill(command.pid, signal.SIGKILL)
    command.wait()
    assert start(pause="10ms").wait() == 0


def test_two_labs_at_once_and_one_is_killed(start: Start, leftovers: Leftovers):
    doomed, survivor = start(out="doomed"), start(pause="1s", out="survivor", source=1600)
    doomed.wait_for_step(3)
    survivor.wait_for_step(3)
    os.kill(doomed.pid, signal.SIGKILL)
    doomed.wait()
    assert survivor.wait() == 0, survivor.said
    report = json.loads((survivor.out / "report.json").read_text())
    assert [each["name"] for each in report["connections"]] == ["first"]
    assert not leftovers.found()
