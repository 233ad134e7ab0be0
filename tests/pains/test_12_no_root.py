"""Labs need root, sudo or a SUID binary.

srl-labs/containerlab#669, #643; containernet/containernet#208.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.lab

LAB = """
name: no-root
nodes:
  c1: {role: client}
  r1: {role: router}
  server: {services: [{echo: tcp/7}, {run: sleep 60, name: own}]}
links: [c1 -- r1, r1 -- server]
scenario:
  - {node: c1, connect: tcp server:7, as: one}
  - {request: {send: 10 bytes, receive: 10 bytes}, over: one}
  - {restart: server}
  - {node: server, exec: "grep -E '^(Uid|NoNewPrivs)' /proc/self/status; cat /proc/self/uid_map"}
"""

NOBODY = 65534


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that everybody may write to, and reach."""
    with tempfile.TemporaryDirectory() as made:
        path = Path(made)
        path.chmod(0o777)
        yield path


def test_a_lab_of_nobody(folder: Path) -> None:
    """As an ordinary user with no privilege, not even one to get by a SUID program."""
    (folder / "lab.yaml").write_text(LAB)
    command = [sys.executable, "-m", "netlab", "run", "lab.yaml", "--out", "out"]
    become: dict[str, int | list[int]] = {}
    if os.geteuid() == 0:
        become = {"user": NOBODY, "group": NOBODY, "extra_groups": []}

    done = subprocess.run(
        ["setpriv", "--no-new-privs", *command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        **become,  # type: ignore[call-overload] # the three keywords that it has
    )

    assert done.returncode == 0, done.stdout + done.stderr
