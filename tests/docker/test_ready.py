"""A node whose main program has a probe is waited for: at first, and when it starts again."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from netlab.backends.docker import images
from netlab.testing.engine import Containers

pytestmark = pytest.mark.docker

Done = subprocess.CompletedProcess[str]

#: Who is asked too early is refused, or has no file.
SLOW = """\
import pathlib, socket, sys, time
kind, port = (socket.SOCK_DGRAM, 9) if sys.argv[1] == "udp" else (socket.SOCK_STREAM, 80)
print("starting", flush=True)
time.sleep(0.7)
with socket.socket(type=kind) as server:
    server.bind(("", port))
    kind == socket.SOCK_STREAM and server.listen()
    pathlib.Path("/tmp/up").touch()
    print("up", flush=True)
    time.sleep(600)
"""

LAB = f"""\
name: ready
backend: docker
kinds:
  slow:
    image: "{images.tag("node")}"
    command: python3 /srv/slow.py tcp
    files: {{/srv/slow.py: {{from: slow.py}}}}
nodes:
  client: {{role: client}}
NODES
links: [{{lan: [client, ENDS]}}]
scenario:
STEPS
expect:
EXPECT
"""


@pytest.fixture
def lab(tmp_path: Path, containers: Containers) -> Any:
    """Runs a lab with these nodes beside the client."""
    (tmp_path / "slow.py").write_text(SLOW)

    def run(nodes: dict[str, str], steps: list[str], expect: list[str]) -> Done:
        text = (
            LAB.replace("NODES", "\n".join(f"  {name}: {{{it}}}" for name, it in nodes.items()))
            .replace("ENDS", ", ".join(nodes))
            .replace("STEPS", "\n".join(f"  - {{{each}}}" for each in steps))
            .replace("EXPECT", "\n".join(f"  - {{{each}}}" for each in expect))
        )
        (tmp_path / "lab.yaml").write_text(text)
        return containers.run("run", tmp_path / "lab.yaml", "--out", tmp_path / "out")

    return run


def test_the_scenario_begins_when_all_main_programs_are_ready(lab: Any, tmp_path: Path):
    up = "exec: test -f /tmp/up"

    done = lab(
        {
            "listens": "kind: slow, ready: {port: tcp/80}",
            "bound": "kind: slow, command: python3 /srv/slow.py udp, ready: {port: udp/9}",
            "says": "kind: slow, ready: {log: ^up$}",
            "does": "kind: slow, ready: {command: test -f /tmp/up}",
        },
        [
            "node: client, connect: tcp listens:80, as: c",
            *(f"node: {name}, {up}, as: {name}1" for name in ("bound", "says", "does")),
        ],
        ["states: {c: [CLOSED, SYN_SENT, ESTABLISHED]}", "exit: {bound1: 0, says1: 0, does1: 0}"],
    )

    assert done.returncode == 0, done.stdout + done.stderr
    events = map(json.loads, (tmp_path / "out" / "events.jsonl").read_text().splitlines())
    kinds = [(each["kind"], each.get("status")) for each in events]
    assert kinds.count(("node", "ready")) == 5


def test_a_node_that_starts_again_is_waited_for_again(lab: Any):
    done = lab(
        {"server": "kind: slow, ready: {port: tcp/80}"},
        ["restart: server", "node: client, connect: tcp server:80, as: c"],
        ["states: {c: [CLOSED, SYN_SENT, ESTABLISHED]}"],
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("probe", "missing"),
    [
        ("port: tcp/81", "nothing listens on tcp/81"),
        ("log: never", "its output has no 'never'"),
        ("command: [ls, /gone]", r"'ls /gone' does not succeed \(exit code 2: ls: .*\)"),
        ("command: [nowhere]", r"'nowhere' does not succeed \(.*nowhere.*not found.*\)"),
    ],
    ids=["port", "log", "command", "no such command"],
)
def test_one_that_is_not_ready_in_time_is_told_with_its_last_words(
    probe: str, missing: str, lab: Any
):
    done = lab({"server": f"kind: slow, ready: {{{probe}, within: 1500ms}}"}, ["pause: 1s"], [])

    assert done.returncode == 4, done.stdout + done.stderr
    said = rf"netlab: server: it is not ready within 1\.5 s: {missing}; it last said: starting / up"
    assert re.search(said, done.stderr), done.stderr


@pytest.mark.parametrize("pause", ["", "sleep 2; "], ids=["at once", "while it is waited for"])
def test_one_that_ends_is_told_with_its_last_words(pause: str, lab: Any):
    command = f'command: [sh, -c, "echo no such file; {pause}exit 3"]'

    done = lab({"server": f"kind: slow, {command}, ready: {{port: tcp/80}}"}, ["pause: 1s"], [])

    assert done.returncode == 4, done.stdout + done.stderr
    said = r"netlab: server: it(s container)? exited with 3.*; it last said: no such file\n"
    assert re.search(said, done.stderr), done.stderr


def test_netlabs_agent_needs_no_probe(lab: Any):
    image = images.tag("servers")

    done = lab({"server": f'image: "{image}", ready: {{port: tcp/80}}'}, ["pause: 1s"], [])

    assert done.returncode == 2, done.stdout + done.stderr
    said = (
        f"netlab: server: 'ready' is about a node's main program, and that of {image} is"
        " netlab's agent, which is waited for anyway\n  fix: give the node a `command`"
    )
    assert said in done.stderr
