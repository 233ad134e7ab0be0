"""`docker compose up`: from nothing to the report of the first lab."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.docker

ROOT = Path(__file__).parents[2]
PROJECT = f"netlab-test-{os.getpid()}"

#: Seconds until a report has to be there: images are built first.
_WITHIN = 100.0
_PAUSE = 0.2


def compose_command() -> list[str]:
    """The docker command's own, else the program of its own that it once was."""
    if shutil.which("docker"):
        asked = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
        if asked.returncode == 0:
            return ["docker", "compose"]
    if alone := shutil.which("docker-compose"):
        return [alone]
    pytest.skip("neither docker compose nor docker-compose is installed")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


class Project:
    """What docker-compose.yml makes on the engine, under a name of the test's own."""

    def __init__(self, base: str) -> None:
        self._command = [*compose_command(), "-p", PROJECT]
        self.port = free_port()
        self._environment = os.environ | {
            "NETLAB_BASE": base,
            "NETLAB_DOCKER_SOCKET": local_socket(),
            "NETLAB_PORT": str(self.port),
        }

    def __call__(self, *words: str) -> str:
        done = subprocess.run(
            [*self._command, *words],
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def report(self, path: str) -> str:
        """What is served there, as soon as something is."""
        deadline = time.monotonic() + _WITHIN
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}") as answer:
                    text: str = answer.read().decode()
                    return text
            except urllib.error.URLError:
                assert time.monotonic() < deadline, self("logs")
                time.sleep(_PAUSE)


def local_socket() -> str:
    host = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    if not host.startswith("unix://"):
        pytest.skip(f"docker-compose.yml mounts the engine's socket, and {host} is none")
    return host.removeprefix("unix://")


@pytest.fixture
def project(base: str, lab_image: str) -> Iterator[Project]:
    """Where the image cannot be built, the test is skipped, with the reason."""
    assert lab_image.startswith("netlab/lab")
    made = Project(base)
    yield made
    made("down", "--volumes")


def test_compose_plays_the_first_lab_and_serves_its_report(project: Project):
    project("up", "--detach")

    assert "ESTABLISHED" in project.report("observed/report.html")
    assert "passed: 11 expectations met" in project("logs", "--no-color", "lab")

    # Another lab, with the report still being served:
    assert "passed:" in project("run", "--rm", "lab", "run", "tcp/handshake")
    assert "SYN_RCVD" in project.report("handshake/report.txt")


def test_the_report_is_for_this_machine_only(project: Project):
    project("up", "--detach")
    project.report("")

    listening = Path("/proc/net/tcp").read_text().split()
    of_port = [each for each in listening if each.endswith(f":{project.port:04X}")]
    assert f"0100007F:{project.port:04X}" in of_port
    assert f"00000000:{project.port:04X}" not in of_port
