from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted(path for path in (ROOT / "scripts").iterdir() if path.suffix != ".sh")

#: What the scripts themselves cannot do without.
BASICS = ("bash", "dirname", "id", "sh")


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine on which nothing but a shell is installed."""
    for program in BASICS:
        path = shutil.which(program)
        assert path
        (tmp_path / program).symlink_to(path)
    return {"PATH": str(tmp_path)}


def run(*argv: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / argv[0]), *argv[1:]],
        env=os.environ if env is None else env,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("script", [*SCRIPTS, ROOT / ".ci/run"], ids=lambda path: path.name)
def test_scripts_are_programs_that_stop_at_the_first_error(script: Path) -> None:
    assert os.access(script, os.X_OK)
    lines = script.read_text().splitlines()
    assert lines[0] == "#!/usr/bin/env bash"
    assert "set -euo pipefail" in lines


@pytest.mark.ordinary_user
@pytest.mark.parametrize("script", ["scripts/demo", "scripts/test"])
def test_what_is_missing_is_named_with_the_fix(script: str, bare: dict[str, str]) -> None:
    done = run(script, env=bare)
    assert done.returncode == 3
    first, second, fix = done.stderr.splitlines()
    assert first == "missing: Python 3.11 or newer with venv   (package python3-venv)"
    assert second == "missing: ip   (package iproute2)"
    assert fix.strip().startswith(("fix: scripts/demo --install", "fix: scripts/system-packages"))


@pytest.mark.parametrize(
    "script",
    [
        "scripts/base-image",
        "scripts/demo",
        "scripts/engine",
        "scripts/system-packages",
        "scripts/test",
    ],
)
def test_scripts_explain_themselves(script: str) -> None:
    done = run(script, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith(f"usage: {script}")


@pytest.mark.parametrize(
    "script", ["scripts/base-image", "scripts/demo", "scripts/engine", "scripts/system-packages"]
)
def test_an_unknown_option_is_refused(script: str) -> None:
    done = run(script, "--nonsense")
    assert done.returncode == 2
    assert "usage:" in done.stderr


@pytest.mark.skipif(shutil.which("apt-get") is None, reason="no apt-get here")
def test_packages_are_printed_and_not_installed() -> None:
    done = run("scripts/system-packages", "--tests", "--engine", "--print")
    assert done.returncode == 0
    known = {"iproute2", "iputils-ping", "ethtool", "nftables", "procps", "tcpdump", "tshark"}
    known |= {"python3-venv", "python3.11-venv", "chromium", "curl", "debootstrap", "docker.io"}
    assert set(done.stdout.split()) <= known
