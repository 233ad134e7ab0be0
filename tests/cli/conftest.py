from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import netlab

Netlab = Callable[..., subprocess.CompletedProcess[str]]

TWO_ROUTERS = """\
name: two-routers
description: a client reaches a server over two routers
nodes:
  c1..2:  {role: client}
  r1:     {role: router}
  r2:     {role: router}
  server:
    role: server
    sysctls: {net.ipv4.tcp_fin_timeout: 5}
    services: [{echo: tcp/7, think: 20ms}]
links:
  - {lan: [c1..2, r1]}
  - {ends: [r1, r2], mtu: 1400}
  - {ends: [r2, server], mtu: 1000}
scenario:
  - {node: c1, connect: tcp server:7, as: first}
  - {request: {send: 100 bytes, receive: 100 bytes}, over: first}
  - parallel:
      - - {link: r1 -- r2, down: 2s}
      - - {after: first closed, wait: 1s, node: c2, exec: [ping, -c1, server], as: ping}
expect:
  - {packets: tcp.flags.rst, count: 0, within: 2s}
"""

PAIR = """\
name: pair
nodes:
  client: {role: client}
  server: {role: server, services: [{echo: tcp/7}]}
links: [client -- server]
scenario:
  - {node: client, connect: tcp server:7, as: one}
  - {request: {send: 10 bytes, receive: 10 bytes}, over: one}
  - {close: one}
expect:
  - {packets: tcp.flags.syn, count: 2}
"""


@pytest.fixture
def run(tmp_path: Path) -> Netlab:
    """Run the command line in a folder of its own, as a shell does."""

    def netlab_(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "netlab", *map(str, arguments)],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(Path(netlab.__file__).parents[1])},
            capture_output=True,
            text=True,
            check=False,
        )

    return netlab_


@pytest.fixture
def two_routers(tmp_path: Path) -> Path:
    path = tmp_path / "two-routers.yaml"
    path.write_text(TWO_ROUTERS)
    return path


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    path = tmp_path / "pair.yaml"
    path.write_text(PAIR)
    return path
