"""A node that takes more memory than it may have is named, with what killed it."""

from __future__ import annotations

from pathlib import Path

import pytest

from netlab.backends.docker import images
from netlab.testing.engine import Containers

pytestmark = pytest.mark.docker

PROGRAM = """\
name: greedy
nodes:
  c1: {role: client}
  server: {role: server, resources: {memory: 48 MiB}}
links: [c1 -- server]
scenario:
  - {node: server, exec: [python3, -c, "bytearray(256 << 20)"], as: greedy}
expect:
  - {exit: {greedy: 0}}
"""

MAIN_PROGRAM = """\
name: greedy
nodes:
  c1: {role: client}
  server:
    image: IMAGE
    command: [python3, -c, "import time; time.sleep(1); bytearray(256 << 20)"]
    resources: {memory: 48 MiB}
links: [c1 -- server]
scenario:
  - {pause: 4s}
  - {node: server, exec: [echo, still here], as: greedy}
expect:
  - {output: {greedy: still here}}
"""


def test_a_program_of_a_node(containers: Containers, tmp_path: Path):
    file = tmp_path / "lab.yaml"
    file.write_text(PROGRAM)

    done = containers.run("run", file, "--backend", "docker", "--out", tmp_path / "out")

    assert done.returncode == 1, done.stderr
    said = "server has used up its memory: the kernel has killed a process of it"
    assert said in done.stdout + done.stderr
    assert said in " ".join((tmp_path / "out" / "report.txt").read_text().split())
    assert "ended by signal SIGKILL" in done.stdout


def test_a_nodes_main_program(containers: Containers, tmp_path: Path):
    file = tmp_path / "lab.yaml"
    file.write_text(MAIN_PROGRAM.replace("IMAGE", images.tag("node")))

    done = containers.run("run", file, "--backend", "docker", "--out", tmp_path / "out")

    assert done.returncode == 4, done.stderr
    said = "server: its container was killed: it took more memory than it may have"
    assert f"netlab: {said}\n" in done.stderr
    assert said in " ".join((tmp_path / "out" / "report.txt").read_text().split())
