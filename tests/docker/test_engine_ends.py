"""An engine that is killed while a lab runs on it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from netlab.backends.docker import images
from netlab.testing.leftovers import Leftovers
from netlab.testing.running import RunningCommand

pytestmark = [
    pytest.mark.docker,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may start an engine"),
    pytest.mark.skipif(shutil.which("dockerd") is None, reason="dockerd is not installed"),
]

SCRIPT = Path(__file__).parents[2] / "scripts" / "engine"

LAB = """\
name: survivor
backend: docker
nodes:
  c1:     {role: client}
  server: {role: server, services: [{echo: tcp/7}]}
links: [c1 -- server]
scenario:
  - {node: c1, connect: tcp server:7, as: first}
  - {request: {send: 10 bytes, receive: 10 bytes}, over: first}
  - {pause: 1s}
  - {request: {send: 20 bytes, receive: 20 bytes}, over: first}
expect:
  - {packets: tcp.flags.syn, count: 2}
"""


class OwnEngine:
    """One that nobody else uses, with this checkout's images."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._environment = os.environ | {"NETLAB_ENGINE": str(folder)}
        self.host = f"unix://{folder}/docker.sock"

    def __call__(self, word: str) -> None:
        subprocess.run([SCRIPT, word], env=self._environment, check=True, capture_output=True)

    def take_images(self) -> None:
        """From the engine that tests use."""
        tags = [images.tag(name) for name in ("fabric", "node")]
        saved = subprocess.run(["docker", "save", *tags], capture_output=True, check=True).stdout
        self._docker("load", given=saved)

    def kill(self) -> None:
        pid = int((self._folder / "dockerd.pid").read_text())
        os.kill(pid, signal.SIGKILL)

    def containers(self) -> list[str]:
        return self._docker("ps", "--all", "--quiet").split()

    @property
    def log(self) -> str:
        return (self._folder / "dockerd.log").read_text()

    def _docker(self, *words: str, given: bytes = b"") -> str:
        argv = ["docker", "--host", self.host, *words]
        done = subprocess.run(argv, input=given, capture_output=True, check=True)
        return done.stdout.decode()


@pytest.fixture
def own_engine() -> Iterator[OwnEngine]:
    with TemporaryDirectory(prefix="netlab-engine") as name:
        engine = OwnEngine(Path(name) / "own")
        engine("start")
        try:
            engine.take_images()
            yield engine
        finally:
            engine("stop")


def test_the_run_ends_in_words_with_its_report_and_the_next_start_and_gc_leave_nothing(
    own_engine: OwnEngine, leftovers: Leftovers, tmp_path: Path
):
    file = tmp_path / "lab.yaml"
    file.write_text(LAB)
    environment = leftovers.environment | {"DOCKER_HOST": own_engine.host}
    command = RunningCommand(file, tmp_path / "out", environment)
    try:
        command.wait_for_step(3)
        assert len(own_engine.containers()) == 3

        own_engine.kill()

        assert command.wait(60) == 3, command.said
    finally:
        command.end()
    socket = own_engine.host.removeprefix("unix://")
    assert f"netlab: the Docker Engine at {socket} does not run: it could not " in command.said
    assert "DOCKER_HOST" in command.said
    assert "ConnectionRefusedError" not in command.said
    assert "Traceback" not in command.said
    assert (tmp_path / "out" / "report.html").exists()
    own_engine("start")
    subprocess.run([sys.executable, "-m", "netlab", "gc"], env=environment, check=True)
    # The engine removes what ended while it did not run, of itself; `gc` what it forgets.
    deadline = time.monotonic() + 20
    while own_engine.containers() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert own_engine.containers() == [], own_engine.log
