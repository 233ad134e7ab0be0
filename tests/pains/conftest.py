from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from netlab.testing import commands
from netlab.testing.commands import Outcome
from netlab.testing.leftovers import Leftovers
from netlab.testing.running import RunningCommand

#: ITS_NAME and STEPS are put in.
LAB = """\
name: ITS_NAME
nodes:
  c1:     {role: client}
  server: {role: server, services: [{echo: tcp/7}]}
links: [c1 -- server]
scenario:
  - {node: c1, connect: tcp server:7, as: first}
STEPS
"""

Lab = Callable[[str], Outcome]
Begin = Callable[..., RunningCommand]
Netlab = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run_lab(tmp_path: Path, leftovers: Leftovers) -> Lab:
    """Runs the lab of a text, after which nothing of it is left on this machine."""

    def run(text: str) -> Outcome:
        (tmp_path / "lab").mkdir()
        outcome = commands.run_lab(text, tmp_path / "lab", leftovers.environment)
        left = leftovers.found()
        assert not left, "\n".join(left)
        return outcome

    return run


@pytest.fixture
def begin(tmp_path: Path, leftovers: Leftovers) -> Iterator[Begin]:
    """Starts `netlab run` on a small lab with more steps, each a line of YAML."""
    begun = []

    def begin_(*steps: str, name: str = "pain", out: str = "out") -> RunningCommand:
        file = tmp_path / f"{out}.yaml"
        lines = "\n".join(f"  - {step}" for step in steps)
        file.write_text(LAB.replace("ITS_NAME", name).replace("STEPS", lines))
        command = RunningCommand(file, tmp_path / out, leftovers.environment)
        begun.append(command)
        return command

    yield begin_
    for command in begun:
        command.end()


@pytest.fixture
def netlab(leftovers: Leftovers) -> Netlab:
    """Runs a netlab command to its end."""

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "netlab", *map(str, arguments)],
            env=leftovers.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return run
