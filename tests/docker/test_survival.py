"""However a run on an engine ends, nothing of it stays there."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from netlab.backends.docker import images
from netlab.testing.engine import Containers
from netlab.testing.running import RunningCommand

pytestmark = pytest.mark.docker

Start = Callable[..., RunningCommand]

SEED = 20
AT_ONCE = 5

LAB = """\
name: NAME
nodes:
  c1:     {role: client}
  server: {role: server, services: [{echo: tcp/7}]}
links: [c1 -- server]
scenario:
  - {node: c1, connect: tcp server:7, from: FROM, as: first}
  - {pause: PAUSE}
  - {request: {send: 20 bytes, receive: 20 bytes}, over: first}
  - {close: first}
expect:
  - {packets: tcp.flags.syn, count: 2}
"""


USERS = f"""\
name: users
nodes:
  c1: {{role: client}}
  c2: {{image: "{images.tag("node")}", user: nobody, command: [sleep, "600"]}}
links: [c1 -- c2]
scenario: [{{pause: 60s}}]
"""


@pytest.fixture
def start(tmp_path: Path, containers: Containers) -> Iterator[Start]:
    """Starts `netlab run` on a lab of containers that pauses for a while."""
    commands = []

    def begin(out: str, pause: str = "500ms", source: int = 1500) -> RunningCommand:
        file = tmp_path / f"{out}.yaml"
        text = LAB.replace("NAME", out).replace("PAUSE", pause)
        file.write_text(text.replace("FROM", str(source)))
        environment = os.environ | {"NETLAB_BACKEND": "docker"}
        command = RunningCommand(file, tmp_path / out, environment)
        containers.watch(command.pid)
        commands.append(command)
        return command

    yield begin
    for command in commands:
        command.end()


def gc() -> list[dict[str, str]]:
    """What was removed of dead runs."""
    argv = [sys.executable, "-m", "netlab", "gc", "--json"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    runs: list[dict[str, str]] = json.loads(done.stdout)["runs"]
    return runs


def end(commands: list[RunningCommand], number: signal.Signals, moments: list[float]) -> None:
    """Signal one after the other at their moments, in seconds since they began."""
    began = time.monotonic()
    for command, moment in zip(commands, moments, strict=True):
        while time.monotonic() < began + moment and not command.ended:
            time.sleep(0.002)
        with suppress(ProcessLookupError):
            os.kill(command.pid, number)


@pytest.mark.parametrize("batch", range(4))
def test_killed_at_any_moment_it_leaves_nothing_that_gc_does_not_remove(
    batch: int, start: Start, containers: Containers
):
    """Twenty moments in all: a run takes some 2 s, five at once a little longer."""
    source = random.Random(f"{SEED} {batch}")
    moments = sorted(source.uniform(0.1, 3.5) for _ in range(AT_ONCE))
    commands = [start(f"killed{n}") for n in range(AT_ONCE)]
    end(commands, signal.SIGKILL, moments)
    for command in commands:
        assert command.wait() in {0, -signal.SIGKILL}, command.said
    gc()
    assert not containers.left()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_at_any_moment_it_leaves_nothing_when_it_ends(
    number: signal.Signals, start: Start, containers: Containers
):
    source = random.Random(f"{SEED} {number.name}")
    moments = sorted(source.uniform(0.1, 3.5) for _ in range(AT_ONCE))
    commands = [start(f"interrupted{n}") for n in range(AT_ONCE)]
    end(commands, number, moments)
    for command in commands:
        assert command.wait() in {0, 128 + number, 130, -number}, command.said
        assert "Traceback" not in command.said
    assert not containers.there()


def test_the_fabric_ends_the_lab_of_a_killed_run_without_gc(start: Start, containers: Containers):
    doomed = start("doomed", pause="60s")
    doomed.wait_for_step(2)
    assert len(containers.there()) == 3
    os.kill(doomed.pid, signal.SIGKILL)
    doomed.wait()
    assert not containers.left(within=3)


def test_the_fabric_ends_nodes_that_are_of_other_users_and_have_no_agent(
    tmp_path: Path, containers: Containers
):
    file = tmp_path / "users.yaml"
    file.write_text(USERS)
    command = RunningCommand(file, tmp_path / "out", os.environ | {"NETLAB_BACKEND": "docker"})
    containers.watch(command.pid)
    try:
        command.wait_for_step(1)
    finally:
        command.end()
    assert not containers.left(within=3)


def test_two_labs_at_once_do_not_harm_each_other(start: Start):
    doomed, survivor = start("first", pause="60s"), start("second", pause="2s", source=1600)
    doomed.wait_for_step(2)
    survivor.wait_for_step(2)
    os.kill(doomed.pid, signal.SIGKILL)
    doomed.wait()
    assert "second" not in [run["lab"] for run in gc()]
    assert survivor.wait() == 0, survivor.said
