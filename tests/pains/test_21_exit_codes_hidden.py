"""Commands that failed returned 0, or an error of the layer below (containerlab#1748, #2284)."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from netlab.testing.running import RunningCommand

pytestmark = pytest.mark.lab

LAB = "name: codes\nnodes: {a: , b: }\nlinks: [a -- b]\n"


def test_exec_has_the_program_s_exit_code_and_no_other_meets_it(
    netlab: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
):
    file = tmp_path / "codes.yaml"
    file.write_text(LAB)
    assert netlab("up", file, "--out", tmp_path / "out").returncode == 0
    try:
        assert netlab("exec", "a", "true").returncode == 0
        assert netlab("exec", "a", "sh", "-c", "exit 7").returncode == 7
        assert netlab("exec", "a", "no-such-program").returncode == 127
        nobody = netlab("exec", "nobody", "true")
        assert nobody.returncode == 2
        assert "nobody" in nobody.stderr
    finally:
        netlab("down", "codes")
    assert netlab("exec", "a", "true").returncode == 2


def test_a_step_that_fails_fails_the_run_and_says_where(begin: Callable[..., RunningCommand]):
    command = begin("{node: c1, exec: [no-such-program]}")
    assert command.wait() == 1
    assert "c1: exec no-such-program: failed: ENOENT" in command.said
