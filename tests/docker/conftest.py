from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from netlab.backends.docker.engine import Engine
from netlab.testing.engine import labelled

Netlab = Callable[..., subprocess.CompletedProcess[str]]

LAB = """\
name: NAME
nodes:
  client: {role: client}
  server:
    env: {GREETING: hello}
    services:
      - {echo: tcp/7}
      - {name: talker, run: "echo started; exec sleep 600", ready: {log: started}}
links: [client -- server]
"""


@pytest.fixture
def netlab(tmp_path: Path) -> Netlab:
    def run(*words: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "netlab", *map(str, words)],
            cwd=tmp_path,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture
def lab(netlab: Netlab, engine: Engine, tmp_path: Path) -> Iterator[str]:
    """The name of a lab of containers that is up; taken down, it leaves nothing."""
    name = f"kept-{os.getpid()}-{tmp_path.name}".replace("_", "-").lower()[-40:].strip("-")
    file = tmp_path / "lab.yaml"
    file.write_text(LAB.replace("NAME", name))
    done = netlab("up", file, "--backend", "docker", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    yield name
    netlab("down", name)
    assert not labelled(engine, lab=name)
