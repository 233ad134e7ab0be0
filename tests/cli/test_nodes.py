"""`netlab node` and `netlab logs` on a lab that is up, and `logs` of a run that is over."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Netlab = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.lab

LAB = """\
name: NAME
nodes:
  client: {role: client}
  server:
    services:
      - {echo: tcp/7}
      - {name: hello, run: "echo hello; exec sleep 600", ready: {log: hello}}
links: [client -- server]
"""


@pytest.fixture
def lab(run: Netlab, tmp_path: Path) -> Iterator[str]:
    """The name of a lab that is up."""
    name = f"nodes-{tmp_path.parent.name}-{tmp_path.name}".replace("_", "-").lower()[-40:]
    file = tmp_path / "lab.yaml"
    file.write_text(LAB.replace("NAME", name))
    done = run("up", file, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    yield name
    run("down", name)


def test_a_node_is_frozen_crashed_and_started_again(run: Netlab, lab: str, tmp_path: Path):
    def node(*words: str) -> subprocess.CompletedProcess[str]:
        return run("node", "server", *words, "--lab", lab)

    assert node("freeze").stdout == "server is frozen\n"
    assert node("thaw").stdout == "server runs\n"
    assert node("crash").stdout == "server has crashed\n"
    again = node("crash")
    assert (again.returncode, again.stderr) == (
        2,
        "netlab: server: it has crashed already\n  fix: restart it first\n",
    )
    inside = run("exec", "--lab", lab, "server", "true")
    assert (inside.returncode, inside.stderr) == (
        2,
        "netlab: server: it has crashed\n  fix: netlab node server restart\n",
    )
    assert "(crashed)" in run("status").stdout
    assert json.loads(node("restart", "--json").stdout)["status"] == "running"
    assert run("exec", "--lab", lab, "client", "ping", "-c1", "server").returncode == 0
    assert run("logs", "--lab", lab, "server/hello").stdout == "hello\nhello\n"
    assert run("node", "serve", "thaw", "--lab", lab).returncode == 2

    run("down", lab)
    assert run("logs", "--from", tmp_path / "out").stdout == "hello\nhello\n"
    statuses = [
        event["status"]
        for event in map(json.loads, (tmp_path / "out/events.jsonl").read_text().splitlines())
        if event["kind"] == "node" and event["node"] == "server"
    ]
    assert statuses == ["ready", "frozen", "thawed", "crashed", "ready"]
