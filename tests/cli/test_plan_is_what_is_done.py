from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import netlab

BUILD = Path(__file__).with_name("build_both_ways.py")


def built(file: Path, way: str) -> dict[str, Any]:
    done = subprocess.run(
        ["unshare", "-Urn", sys.executable, str(BUILD), str(file), way],
        env=os.environ | {"PYTHONPATH": str(Path(netlab.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    nodes = json.loads(done.stdout)
    assert isinstance(nodes, dict)
    return nodes


@pytest.mark.lab
def test_the_commands_of_a_plan_build_what_netlab_builds(two_routers: Path) -> None:
    for program in ("unshare", "ethtool", "sysctl"):
        if shutil.which(program) is None:
            pytest.skip(f"there is no {program} here")

    by_commands = built(two_routers, "commands")
    by_netlink = built(two_routers, "netlink")

    assert list(by_commands) == ["c1", "c2", "r1", "r2", "server"]
    for node, seen in by_commands.items():
        for what, expected in seen.items():
            assert by_netlink[node][what] == expected, f"{node}: {what}"
