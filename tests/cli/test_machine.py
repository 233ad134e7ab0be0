from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from click.testing import CliRunner

from netlab import doctor
from netlab.backends.features import Feature
from netlab.cli import main

Netlab = Callable[..., subprocess.CompletedProcess[str]]

IP = Feature("ip", present=True, note="/usr/sbin/ip", required=True)
NO_RING = Feature("packet capture", present=False, note="sudo modprobe af_packet", required=True)
NO_NETEM = Feature("netem", present=False, note="no lab needs it yet")


def test_a_machine_with_all_that_labs_need_is_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "examine", lambda: (IP, NO_NETEM))
    done = CliRunner().invoke(main, ["doctor"])
    assert done.exit_code == 0
    assert done.output.splitlines() == [
        "Every lab needs:",
        "  has    ip                  /usr/sbin/ip",
        "",
        "Of use to some:",
        "  lacks  netem               no lab needs it yet",
        "",
        "This machine runs labs.",
    ]


def test_a_machine_that_lacks_what_labs_need_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "examine", lambda: (IP, NO_RING, NO_NETEM))
    done = CliRunner().invoke(main, ["doctor"])
    assert done.exit_code == 3
    assert "  LACKS  packet capture      sudo modprobe af_packet" in done.output
    assert "This machine runs no lab before it has: packet capture." in done.output


def test_doctor_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "examine", lambda: (IP, NO_RING))
    done = CliRunner().invoke(main, ["doctor", "--json"])
    assert done.exit_code == 3
    found = json.loads(done.output)
    assert found["ready"] is False
    assert [each["name"] for each in found["features"]] == ["ip", "packet capture"]


@pytest.mark.lab
def test_where_labs_run_the_doctor_agrees(run: Netlab) -> None:
    done = run("doctor")
    assert done.returncode == 0
    assert done.stderr == ""
    assert "This machine runs labs." in done.stdout


@pytest.mark.ordinary_user
def test_gc_says_what_only_root_can_do(run: Netlab) -> None:
    done = run("gc")
    assert done.returncode == 0
    assert "to look: sudo netlab gc" in done.stdout


def test_gc_does_without_an_engine(run: Netlab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    done = run("gc")
    assert (done.returncode, done.stderr) == (0, "")
    assert "No containers were looked for: there is no Docker Engine" in done.stdout
    told = json.loads(run("gc", "--json").stdout)
    assert told["runs"] == []
    assert "there is no Docker Engine" in told["engine_note"]


#: A process id that no Linux gives out, and any start time.
ORPHAN = "netlab-4194305-1"


def trace_instances(statement: str) -> str:
    """Run ``statement`` with the kernel's trace instances in ``instances``."""
    program = f"from netlab.collect import tracer\ninstances = tracer.mount_tracefs()\n{statement}"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"no tracing here: {done.stderr.splitlines()[-1]}")
    return done.stdout


@pytest.mark.lab
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can trace")
def test_gc_removes_the_trace_instance_of_a_killed_run(run: Netlab) -> None:
    trace_instances(f"(instances / '{ORPHAN}').mkdir()")
    done = run("gc")
    assert done.returncode == 0
    assert "none can be left" in done.stdout
    assert ORPHAN not in trace_instances("print(*(path.name for path in instances.iterdir()))")
