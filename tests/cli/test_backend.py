"""--backend, and what a lab says that its nodes are made of, on the command line."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

Netlab = Callable[..., subprocess.CompletedProcess[str]]

MADE_OF = """\
name: made-of
nodes:
  client:
  web:
    image: debian:12
    command: serve --all
    user: www-data
    ready: {log: up, within: 5s}
    resources: {memory: 256 MiB, cpus: 0.5, pids: 100}
    env: {GREETING: good day}
    files: {/etc/motd: {content: "hello", mode: "0600"}}
    binds: [/etc:/srv/etc:ro]
links: [client -- web]
"""


def test_the_plan_says_what_a_node_is_made_of(run: Netlab, tmp_path: Path):
    (tmp_path / "lab.yaml").write_text("backend: docker\n" + MADE_OF)

    said = run("plan", "lab.yaml").stdout

    assert "\non docker\n" in said
    for line in (
        "image debian:12, as www-data",
        "command 'serve --all'",
        "ready: log up, within 5 s",
        "at most 268435456 bytes of memory, 0.5 processors, 100 processes",
        "env GREETING='good day'",
        "file /etc/motd: 5 bytes, mode 0600",
        "bind /etc to /srv/etc, read only",
    ):
        assert f"\n    {line}\n" in said


def test_a_backend_that_lacks_what_nodes_ask_for_is_refused(run: Netlab, tmp_path: Path):
    (tmp_path / "lab.yaml").write_text(MADE_OF)

    for command in ("run", "up"):
        done = run(command, "lab.yaml", "--backend", "netns", "--out", "out")
        assert done.returncode == 2
        assert done.stderr.endswith(
            "netlab: lab.yaml: netns does not have what nodes ask for:"
            " web: image, command, resources, ready, user\n  fix: use --backend docker\n"
        )
    assert not (tmp_path / "out").exists()


def test_a_backend_that_does_not_exist_is_refused(
    run: Netlab, pair: Path, monkeypatch: pytest.MonkeyPatch
):
    assert run("run", pair, "--backend", "dokcer").returncode == 2
    monkeypatch.setenv("NETLAB_BACKEND", "dokcer")
    assert "'dokcer' is not one of 'netns', 'docker'" in run("run", pair).stderr


@pytest.mark.lab
def test_the_option_wins_over_environment_and_file_and_is_recorded(
    run: Netlab, pair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    pair.write_text("backend: docker\n" + pair.read_text())
    monkeypatch.setenv("NETLAB_BACKEND", "docker")

    done = run("run", pair, "--backend", "netns", "--out", "out")

    assert done.returncode == 0, done.stderr
    facts = json.loads((tmp_path / "out" / "run.json").read_text())
    assert facts["backend"] == "netns"
    assert "--backend netns" in facts["command"]
    first = json.loads((tmp_path / "out" / "events.jsonl").read_text().splitlines()[0])
    assert first["backend"] == "netns"


@pytest.mark.lab
def test_the_command_to_do_it_again_names_no_backend_that_goes_without_saying(
    run: Netlab, pair: Path, tmp_path: Path
):
    done = run("run", pair, "--out", "out")

    assert done.returncode == 0, done.stderr
    assert "--backend" not in json.loads((tmp_path / "out" / "run.json").read_text())["command"]


SEEN_BY_ALL = """\
name: NAME
nodes:
  client:
  server:
    env: {GREETING: good day}
    files: {/etc/netlab/conf: "mine ", /usr/local/bin/netlab-greet: {from: greet, mode: "0755"}}
    binds: [data:/srv/netlab:ro]
    services:
      - {name: web, run: "cat /etc/netlab/conf; netlab-greet; exec sleep 600", ready: {log: day}}
links: [client -- server]
scenario:
  - {node: server, exec: [netlab-greet], as: p}
expect:
  - {output: {p: "^bound good day$"}}
"""


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that labs of root may look into: they have nobody's rights."""
    with TemporaryDirectory(prefix="netlab") as name:
        path = Path(name)
        path.chmod(0o755)
        yield path


@pytest.mark.lab
def test_services_steps_and_exec_see_the_same(run: Netlab, public: Path, tmp_path: Path):
    (public / "data").mkdir()
    (public / "data" / "word").write_text("bound")
    (public / "greet").write_text("#!/bin/sh\necho $(cat /srv/netlab/word) $GREETING\n")
    name = f"seen-{public.name}".replace("_", "-").lower()
    file = public / "lab.yaml"
    file.write_text(SEEN_BY_ALL.replace("NAME", name))

    done = run("run", file, "--out", "out")
    assert done.returncode == 0, done.stdout + done.stderr
    log = (tmp_path / "out" / "logs" / "server.web.log").read_text()
    assert log == "mine bound good day\n"

    up = run("up", file, "--out", "out")
    assert up.returncode == 0, up.stderr
    try:
        assert run("exec", "--lab", name, "server", "netlab-greet").stdout == "bound good day\n"
        assert run("exec", "--lab", name, "client", "netlab-greet").returncode == 127
    finally:
        run("down", name)
    (public / "greet").unlink()
    assert run("report", "out").returncode == 0
