"""Two labs on one host meet in names, subnets or files that both edit (ipspace netlab#722).

Eight labs of two users, all of one name and with the same addresses: tests/survival/test_many.py.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.lab

LAB = "name: collide-{name}\nnodes: {{a: , b: }}\nlinks: [a -- b]\n"


def test_labs_that_stay_up_meet_in_their_names_only_and_are_told_so(
    netlab: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
):
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(LAB.format(name=name))
    try:
        for name in ("one", "two"):
            up = netlab("up", tmp_path / f"{name}.yaml", "--out", tmp_path / name)
            assert up.returncode == 0, up.stderr
        for name in ("one", "two"):
            ping = netlab("exec", "--lab", f"collide-{name}", "a", "ping", "-c1", "-W5", "b")
            assert ping.returncode == 0, ping.stderr
        again = netlab("up", tmp_path / "one.yaml", "--out", tmp_path / "three")
        assert again.returncode == 2
        assert "a lab named collide-one is up already" in again.stderr
        assert "netlab down collide-one" in again.stderr
    finally:
        for name in ("one", "two"):
            netlab("down", f"collide-{name}")
