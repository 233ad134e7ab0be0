"""`netlab link` on a lab that is up."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from netlab.cli.link import _step

Netlab = Callable[..., subprocess.CompletedProcess[str]]

LAB = """\
name: by-hand-%d
nodes:
  c1: {role: client}
  server: {role: server}
links:
  - {ends: [c1, server], impair: {}}
  - c1 -- server
"""


@pytest.mark.parametrize(
    ("action", "settings", "way", "step"),
    [
        ("down", (), "", {"down": True}),
        ("up", ("2s",), "", {"up": "2s"}),
        ("impair", ("none",), "", {"impair": "none"}),
        ("impair", ("none",), "->", {"impair": {"->": "none"}}),
        ("impair", ("loss=5%", "for=2s"), "", {"impair": {"loss": "5%"}, "for": "2s"}),
        (
            "impair",
            ("loss={enter: 1%, leave: 30%}",),
            "c1 ->",
            {"impair": {"c1 ->": {"loss": {"enter": "1%", "leave": "30%"}}}},
        ),
        (
            "fault",
            ("drop=tcp.port == 7", "nth=2"),
            "",
            {"fault": {"drop": "tcp.port == 7", "nth": 2}},
        ),
        (
            "flap",
            ("down=1s", "up=1s", "times=3"),
            "",
            {"flap": {"down": "1s", "up": "1s", "times": 3}},
        ),
    ],
)
def test_what_is_typed_is_a_step(
    action: str, settings: tuple[str, ...], way: str, step: dict[str, object]
) -> None:
    assert _step(action, settings, way) == step


@pytest.fixture
def lab(run: Netlab, tmp_path: Path) -> Iterator[str]:
    name = f"by-hand-{tmp_path.stat().st_ino}"
    (tmp_path / "lab.yaml").write_text(LAB % tmp_path.stat().st_ino)
    up = run("up", "lab.yaml", "--json", "--out", "out")
    assert up.returncode == 0, up.stderr
    yield name
    run("down", name)


@pytest.mark.lab
def test_a_link_of_a_running_lab_is_impaired_and_cleared(
    run: Netlab, lab: str, tmp_path: Path
) -> None:
    def link(*words: str) -> subprocess.CompletedProcess[str]:
        return run("link", *words, "--lab", lab)

    def arrives() -> bool:
        probe = "ping -4 -c 1 -W 1 server >/dev/null"
        return run("exec", "--lab", lab, "c1", "--", "sh", "-c", probe).returncode == 0

    assert arrives()
    assert link("c1 -- server", "impair", "loss=100%", "--way", "->").returncode == 0
    assert not arrives()
    cleared = link("c1 -- server", "impair", "none", "--json")
    assert json.loads(cleared.stdout)["step"]["impair"] == "none"
    assert arrives()
    assert link("c1 -- server", "fault", "drop=icmp.type == 8", "nth=1").returncode == 0
    assert not arrives()
    assert link("c1 -- server", "down").returncode == 0
    assert not arrives()
    assert link("c1 -- server", "up").returncode == 0
    assert arrives()

    plain = link("c1 -- server (2)", "impair", "loss=5%")
    assert plain.returncode == 2
    assert "write 'impair: {}' at it" in plain.stderr
    wrong = link("c1 -- server", "impair", "los=5%")
    assert wrong.returncode == 2
    assert "impair.los: unknown key (did you mean 'loss'?)" in wrong.stderr
    unknown = link("c1 -- sever", "down")
    assert unknown.returncode == 2
    assert "there is no link 'c1 -- sever' (did you mean 'c1 -- server'?)" in unknown.stderr

    assert run("down", lab).returncode == 0
    report = (tmp_path / "out" / "report.txt").read_text()
    assert "dropped by faults 1, lost at random 1" in report
