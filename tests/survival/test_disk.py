"""Output folders that cannot take what a run has to say."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from netlab.testing.leftovers import Leftovers
from netlab.testing.running import RunningCommand
from netlab.wire import pcapng
from netlab.wire.pcapng import Frame

pytestmark = pytest.mark.lab

#: 4 MB of datagrams, captured twice.
LAB = """\
name: disk
nodes: {c1: {role: client}, server: {role: server, services: [{discard: udp/9}]}}
links: [c1 -- server]
scenario:
  - {node: c1, exec: [python3, -c, SEND], as: sender, within: 20s}
"""

SEND = """
import socket
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    for _ in range(4000):
        sender.sendto(bytes(1000), ('server', 9))
"""


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    file = tmp_path / "disk.yaml"
    file.write_text(LAB.replace("SEND", json.dumps(SEND)))
    return file


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "netlab-test", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_full_disk(lab: Path, small: Path, leftovers: Leftovers):
    command = RunningCommand(lab, small / "out", leftovers.environment)
    assert command.wait() == 3, command.said
    assert "captures cannot be written any more: No space left on device" in command.said
    assert "fix: free some space, or choose another folder with --out" in command.said
    assert "Traceback" not in command.said
    with (command.out / "lab.pcapng").open("rb") as stream:
        frames = [block for block in pcapng.read(stream) if isinstance(block, Frame)]
    assert len(frames) > 300, "what was captured before the disk was full is there"
    assert not leftovers.found()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_nobody_may_write_to(lab: Path, tmp_path: Path, leftovers: Leftovers):
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o555)
    command = RunningCommand(lab, locked / "out", leftovers.environment)
    assert command.wait() == 2, command.said
    assert f"cannot use {locked}/out for the run's files: Permission denied" in command.said
    assert "choose another folder with --out" in command.said
    assert not leftovers.found()
