"""Ctrl-C, as a terminal sends it: to the command and all in its process group."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Callable

import pytest

from netlab.testing.leftovers import Leftovers
from netlab.testing.running import RunningCommand

pytestmark = pytest.mark.lab

Start = Callable[..., RunningCommand]

SEED = 20


def press_ctrl_c(command: RunningCommand) -> None:
    os.killpg(command.pid, signal.SIGINT)


def test_a_run_that_is_interrupted_reports_what_it_has_seen(start: Start, leftovers: Leftovers):
    command = start()
    command.wait_for_step(3)
    began = time.monotonic()
    for _ in range(3):  # pressing it again does no harm
        press_ctrl_c(command)
    assert command.wait() == 130, command.said
    assert time.monotonic() - began < 5
    for name in ("report.html", "report.txt", "report.json", "junit.xml"):
        assert (command.out / name).stat().st_size
    report = json.loads((command.out / "report.json").read_text())
    assert (report["verdict"], report["interrupted"]) == ("interrupted", "SIGINT")
    events = (command.out / "events.jsonl").read_text()
    assert '"kind":"interrupted"' in events
    assert '"kind":"capture"' in events
    own = [line for line in events.splitlines() if '"kind":"state"' in line and ":1500" in line]
    assert own
    assert not any("FIN" in line for line in own), "no connection is closed before the capture is"
    assert not leftovers.found()


def test_interrupted_while_the_lab_comes_up(start: Start, leftovers: Leftovers):
    """Not before the first lines of Python could run: that is not netlab's yet."""
    source = random.Random(SEED)
    commands = [start(out=f"out{n}") for n in range(4)]
    for number, command in enumerate(commands):
        command.wait_until((command.out / "run.json").exists)
        due = time.monotonic() + source.uniform(0, 0.1)
        while time.monotonic() < due:
            time.sleep(0.002)
        for _ in range(1 + number % 2):
            press_ctrl_c(command)
    for command in commands:
        assert command.wait() == 130, command.said
        assert "Traceback" not in command.said
    assert not leftovers.found()


def test_sigterm_reports_too(start: Start, leftovers: Leftovers):
    command = start()
    command.wait_for_step(3)
    os.kill(command.pid, signal.SIGTERM)
    assert command.wait() == 128 + signal.SIGTERM, command.said
    assert (command.out / "report.html").exists()
    assert not leftovers.found()
