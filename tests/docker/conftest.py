from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from docker.utils import build

from netlab.backends.docker.engine import Engine
from netlab.errors import NetlabError
from netlab.testing.engine import labelled

ROOT = Path(__file__).parents[2]

#: As scripts/base-image makes it.
_OFFLINE_BASE = "netlab/base"

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


@pytest.fixture(scope="session")
def base(engine: Engine) -> str:
    """The base to build on: that of the environment, else one that needs no registry, if any."""
    offline = _OFFLINE_BASE if engine.images([_OFFLINE_BASE]) else ""
    return os.environ.get("NETLAB_BASE", offline)


@pytest.fixture(scope="session")
def lab_image(engine: Engine, base: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The image ``netlab/lab`` of this checkout; who comes at the same time waits for a turn."""
    of_all_workers = tmp_path_factory.getbasetemp().parent
    with (of_all_workers / "lab-image.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        return _built(engine, base)


def _built(engine: Engine, base: str) -> str:
    if base and not (ROOT / "wheels").is_dir():  # then no package index is reached either
        subprocess.run([ROOT / "scripts/wheels"], check=True)
    dockerfile = (ROOT / "images/lab/Dockerfile").read_text()
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    with build.tar(str(ROOT), exclude=ignored, dockerfile=("Dockerfile", dockerfile)) as context:
        name = "netlab/lab:latest"
        try:
            engine.build(name, context.read(), {"NETLAB_BASE": base}, lambda _line: None)
        except NetlabError as error:
            pytest.skip(f"{error}: {error.hint}")
    return name
