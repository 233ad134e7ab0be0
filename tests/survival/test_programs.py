"""Programs of a node that want everything: its output's reader, its processes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from netlab.testing.leftovers import Leftovers
from netlab.testing.running import RunningCommand

pytestmark = pytest.mark.lab

Start = Callable[..., RunningCommand]

LAB = """\
name: greedy
nodes: {{c1: {{role: client}}, server: {{role: server, services: [{{echo: tcp/7}}]}}}}
links: [c1 -- server]
scenario:
  - {{node: c1, exec: {argv}, as: greedy, within: {within}}}
  - {{node: c1, connect: tcp server:7, as: first}}
expect:
  - {{states: {{first: [SYN_SENT, ESTABLISHED]}}}}
"""

#: Each child only waits; what they are too many of is themselves.
FORKS = """
import os, time
while True:
    try:
        if os.fork() == 0:
            time.sleep(60)
    except OSError:
        pass
"""


@pytest.fixture
def run(tmp_path: Path, leftovers: Leftovers) -> Callable[..., RunningCommand]:
    def run_(argv: list[str], within: str) -> RunningCommand:
        file = tmp_path / "greedy.yaml"
        file.write_text(LAB.format(argv=json.dumps(argv), within=within))
        command = RunningCommand(file, tmp_path / "out", leftovers.environment)
        command.wait()
        return command

    return run_


def test_one_that_floods_its_output(run: Callable[..., RunningCommand], leftovers: Leftovers):
    command = run(["yes"], "500ms")
    assert command.wait() == 1
    assert "c1: exec yes as greedy: failed: ETIMEDOUT, still running after 0.5 s" in command.said
    assert "PASS  first goes SYN_SENT" in command.said
    assert sum(path.stat().st_size for path in command.out.iterdir()) < 3_000_000
    assert not leftovers.found()


def test_one_that_forks_without_end(run: Callable[..., RunningCommand], leftovers: Leftovers):
    command = run(["python3", "-c", FORKS], "3s")
    assert command.wait() == 1, command.said
    assert "still running after 3 s, killed" in command.said
    assert "node c1 has " in command.said
    assert "processes while python3 runs there; the whole lab may have 2052" in command.said
    assert "PASS  first goes SYN_SENT" in command.said
    assert not leftovers.found()
