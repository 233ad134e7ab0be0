"""Labs beside each other: of one user and of two, with the same names and addresses."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from netlab.testing.leftovers import Leftovers
from netlab.testing.running import RunningCommand

pytestmark = pytest.mark.lab

LAB = """\
name: neighbour
nodes: {c1: {role: client}, server: {role: server, services: [{echo: tcp/7}]}}
links: [c1 -- server]
scenario:
  - {node: c1, connect: tcp server:7, as: first}
  - {request: {send: SIZE bytes, receive: SIZE bytes}, over: first}
  - {close: first}
expect:
  - {received: {first: {bytes: SIZE bytes, equals: sent}}}
  - {packets: tcp.flags.syn, count: 2}
"""

_NOBODY = 65_534


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that every user may reach and write to."""
    folder = Path(tempfile.mkdtemp(prefix="netlab-many-"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


def test_eight_labs_at_once_by_two_users(shared: Path, leftovers: Leftovers):
    """As an ordinary user, all eight are of that one."""
    commands = []
    for number in range(8):
        file = shared / f"lab{number}.yaml"
        file.write_text(LAB.replace("SIZE", str(100 + number)))
        user = _NOBODY if os.geteuid() == 0 and number % 2 else None
        out = shared / f"out{number}"
        commands.append(RunningCommand(file, out, leftovers.environment, user=user))
    for number, command in enumerate(commands):
        assert command.wait() == 0, command.said
        report = json.loads((command.out / "report.json").read_text())
        assert [each["name"] for each in report["connections"]] == ["first"]
        assert report["connections"][0]["client"]["bytes_sent"] == 100 + number
    assert not leftovers.found()
