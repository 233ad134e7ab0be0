"""`netlab run --backend sim`: whole labs, from a file to a folder, in processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from netlab import shipped
from netlab.testing.elsewhere import ELSEWHERE, STALLED

WEATHER = """\
name: weather
nodes:
  c1..2: {role: client}
  r1: {role: router}
  server: {role: server, services: [{echo: tcp/7}, {echo: udp/7}]}
links:
  - {lan: [c1..2, r1], impair: {c2: {delay: 3ms, jitter: 1ms, loss: 5%}}}
  - {ends: [r1, server], mtu: 1300, impair: {delay: 10ms, rate: 10 Mbit/s, corrupt: 2%}}
scenario:
  - parallel:
      - - {node: c1, connect: tcp server:7, as: first}
        - {request: {send: 20 kB, receive: 20 kB}, over: first, within: 60s}
      - - {node: c2, connect: tcp6 server:7, as: second}
        - {request: {send: 5000 bytes, receive: 5000 bytes}, over: second, within: 60s}
  - {node: c1, ping: server, count: 3}
"""

CHANGES = """\
name: changes
observe: {variables: true}
nodes:
  c1: {role: client}
  server: {role: server, services: [{echo: tcp/7, model: asyncio}]}
links: [c1 -- server]
scenario:
  - {interface: "c1:eth0", add: 10.9.9.8/24}
  - {interface: "server:eth0", add: 10.9.9.9/24}
  - {interface: "server:eth0", mtu: 1000}
  - {node: c1, connect: "tcp 10.9.9.9:7", as: first}
  - {freeze: server, for: 2s}
  - {request: {send: 100 bytes, receive: 100 bytes}, over: first}
  - {crash: server}
  - {restart: server}
  - {node: c1, connect: "tcp 10.9.9.9:7", as: second, in: p}
  - {exit: p}
  - {pause: 90s, within: 100s}
  - {node: c1, ping: 10.9.9.9, as: echoes}
expect:
  - {packets: tcp.flags.syn && tcp.flags.ack && tcp.options.mss == 960, count: 2}
"""

#: A client that asks, and asks, for two virtual months.
LONG = (
    """\
name: long
nodes: {c1: , server: }
links: [c1 -- server]
scenario:
  - {node: c1, ping: server, count: 3}
"""
    + 50 * "  - {node: c1, ping: server, count: 10000, interval: 10s, within: 168h}\n"
)

_MAIN = """
from netlab.cli import entry
entry()
"""


def command(file: str | Path, out: Path, *options: str) -> list[str]:
    netlab = [sys.executable, "-m", "netlab", "run", str(file), "--backend", "sim", "--json"]
    return [*netlab, "--out", str(out), *options]


def run(
    file: str | Path, out: Path, *options: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(file, out, *options),
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def run_after(preparation: str, file: Path, out: Path) -> subprocess.CompletedProcess[str]:
    """In a process where ``preparation``, Python, comes first."""
    _, _, _, *arguments = command(file, out)
    program = f"{preparation}\nsys.argv[1:] = {arguments!r}\n{_MAIN}"
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )


def observed(out: Path) -> tuple[list[bytes], bytes]:
    """The lines of the events, and the capture."""
    events = (out / "events.jsonl").read_bytes().splitlines(keepends=True)
    return events, (out / "lab.pcapng").read_bytes()


def events(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "events.jsonl").read_text().splitlines()]


@pytest.mark.parametrize(
    "lab",
    [WEATHER, CHANGES, *(shipped.find(f"tcp/{name}").read_text() for name in ("cost", "reset"))],
    ids=["weather", "changes", "cost", "reset"],
)
def test_a_run_is_the_same_in_processes_with_other_hashes_and_folders(lab: str, tmp_path: Path):
    seen = []
    for seed, hashes in (("3", "1"), ("3", "2"), ("4", "1")):
        place = tmp_path / f"{seed}-{hashes}"
        place.mkdir()
        (place / "lab.yaml").write_text(lab)
        done = run(place / "lab.yaml", place / "out", "--seed", seed, PYTHONHASHSEED=hashes)
        assert done.returncode == 0, done
        seen.append(observed(place / "out"))

    one, other, seeded = seen
    for a, b in zip(one, other, strict=True):
        assert a == b
    assert all(a != b for a, b in zip(one, seeded, strict=True))


@pytest.mark.parametrize("lab", [WEATHER, CHANGES], ids=["weather", "changes"])
def test_a_run_is_the_same_on_a_machine_that_stalls(lab: str, tmp_path: Path):
    (tmp_path / "lab.yaml").write_text(lab)
    run(tmp_path / "lab.yaml", tmp_path / "quick")
    done = run_after(STALLED, tmp_path / "lab.yaml", tmp_path / "stalled")

    assert done.returncode == 0, done
    assert observed(tmp_path / "stalled") == observed(tmp_path / "quick")
    assert sum(json.loads(done.stdout)["seconds"].values()) > 1


def test_what_was_changed_survives_a_crash(tmp_path: Path):
    (tmp_path / "lab.yaml").write_text(CHANGES)
    done = run(tmp_path / "lab.yaml", tmp_path / "out")
    assert done.returncode == 0, done


def test_a_whole_run_needs_nothing_of_linux(tmp_path: Path):
    (tmp_path / "lab.yaml").write_text(WEATHER)
    done = run_after(ELSEWHERE, tmp_path / "lab.yaml", tmp_path / "out")
    assert done.returncode == 0, done
    assert json.loads(done.stdout)["passed"]


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_ends_a_run_with_what_was_seen(name: str, code: int, tmp_path: Path):
    (tmp_path / "lab.yaml").write_text(LONG)
    out = tmp_path / "out"
    running = subprocess.Popen(
        command(tmp_path / "lab.yaml", out), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    while not (out / "events.jsonl").exists() or '"ping"' not in (out / "events.jsonl").read_text():
        assert running.poll() is None, running.communicate()
        time.sleep(0.01)  # there is nothing that could be waited for

    running.send_signal(signal.Signals[name])
    said, _ = running.communicate()

    assert running.returncode == code
    summary = json.loads(said)
    assert summary["interrupted"] == name
    assert summary["error"] is None
    captured = sum(e["packets"] for e in events(out) if e["kind"] == "capture")
    assert captured > 10
    assert (out / "report.html").exists()


def test_who_waits_for_what_nobody_sends_fails_after_its_virtual_hours(tmp_path: Path):
    (tmp_path / "lab.yaml").write_text(
        """\
name: silence
nodes: {c1: , server: {services: [{discard: tcp/9}]}}
links: [c1 -- server]
scenario:
  - {node: c1, connect: tcp server:9, as: first}
  - {receive: 1 byte, over: first, within: 100h}
"""
    )
    done = run(tmp_path / "lab.yaml", tmp_path / "out")
    assert done.returncode == 1
    assert "not done within 360000 s" in json.loads(done.stdout)["failures"][0]


def test_a_lab_cannot_be_left_running(tmp_path: Path):
    (tmp_path / "lab.yaml").write_text(CHANGES)
    words = [sys.executable, "-m", "netlab", "up", str(tmp_path / "lab.yaml")]
    done = subprocess.run(
        [*words, "--backend", "sim", "--out", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "a lab on sim cannot be left running" in done.stderr
    assert "fix: netlab run" in done.stderr
    assert not (tmp_path / "out").exists()
