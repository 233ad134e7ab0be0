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
    press_ctrl_c(command)
    assert command.wait() == 130, command.said
    assert time.monotonic() - began < 5
    assert "interrupted (SIGINT)" in command.said
    for name in ("report.html", "report.txt", "report.json", "junit.xml"):
        assert (command.out / name).stat().st_size
    report = json.loads((command.out / "report.json").read_text())
    assert "SIGINT" in json.dumps(report)
    events = (command.out / "events.jsonl").read_text()
    assert '"kind":"interrupted"' in events
    assert '"kind":"capture"' in events
    assert "FIN" not in "".join(line for line in events.splitlines() if '"kind":"state"' in line), (
        "no connection is closed before the capture is"
    )
    assert not leftovers.found()


def test_pressing_it_again_does_no_harm(start: Start, leftovers: Leftovers):
    command = start()
    command.wait_for_step(3)
    for _ in range(5):
        press_ctrl_c(command)
    assert command.wait() == 130, command.said
    assert (command.out / "report.html").exists()
    assert not leftovers.found()


@pytest.mark.parametrize(("number", "again"), [(0, False), (1, True), (2, False)])
def test_interrupted_before_the_lab_is_up(
    number: int, again: bool, start: Start, leftovers: Leftovers
):
    """Not before the first lines of Python could run: that is not netlab's yet."""
    share = random.Random(SEED + number).random()
    command = start()
    command.wait_until((command.out / "run.json").exists)
    due = time.monotonic() + 0.1 * share
    while time.monotonic() < due:
        time.sleep(0.002)
    press_ctrl_c(command)
    if again:
        press_ctrl_c(command)
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
