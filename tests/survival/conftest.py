from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from netlab.testing.leftovers import Leftovers
from netlab.testing.running import RunningCommand

LAB = """\
name: survivor
nodes:
  c1:     {role: client}
  server: {role: server, services: [{echo: tcp/7}]}
links: [c1 -- server]
scenario:
  - {node: c1, connect: tcp server:7, from: FROM, as: first}
  - {request: {send: 10 bytes, receive: 10 bytes}, over: first}
  - {pause: PAUSE}
  - {request: {send: 20 bytes, receive: 20 bytes}, over: first}
  - {close: first}
expect:
  - {packets: tcp.flags.syn, count: 2}
"""

Start = Callable[..., RunningCommand]


@pytest.fixture
def start(tmp_path: Path, leftovers: Leftovers) -> Iterator[Start]:
    """Starts `netlab run` on a lab that pauses for a while in the middle."""
    commands = []

    def begin(pause: str = "30s", out: str = "out", source: int = 1500) -> RunningCommand:
        file = tmp_path / f"{out}.yaml"
        file.write_text(LAB.replace("PAUSE", pause).replace("FROM", str(source)))
        command = RunningCommand(file, tmp_path / out, leftovers.environment)
        commands.append(command)
        return command

    yield begin
    for command in commands:
        command.end()
