"""The host's firewall dropped packets of labs (srl-labs/containerlab#2389, ipspace/netlab#1669)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from netlab.testing.leftovers import Leftovers

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root has a firewall to set up"),
    pytest.mark.skipif(shutil.which("nft") is None, reason="there is no nft to set one up"),
]

LAB = """
name: walled
nodes:
  c1..2:  {role: client}
  r1:     {role: router}
  server: {role: server, services: [{echo: [tcp/7, udp/7]}]}
links:
  - {lan: [c1, c2, r1]}
  - r1 -- server
scenario:
  - {node: c1, ping: c2, count: 1, as: neighbour}
  - {node: c1, ping: c2, ip: 6, count: 1, as: neighbour6}
  - {node: c1, connect: tcp server:7, as: over4}
  - {request: {send: 4000 bytes, receive: 4000 bytes}, over: over4}
  - {node: c2, connect: tcp6 server:7, as: over6}
  - {request: {send: 4000 bytes, receive: 4000 bytes}, over: over6}
expect:
  - {replies: {neighbour: 1, neighbour6: 1}}
  - {received: {over4: {bytes: 4000 bytes, equals: sent}}}
  - {received: {over6: {bytes: 4000 bytes, equals: sent}}}
"""

#: Nothing passes, not even a host's own packets to itself.
WALL = "".join(
    f"add table {family} wall\n"
    + "".join(
        f"add chain {family} wall {hook} {{ type filter hook {hook} priority 0; }}\n"
        f"add rule {family} wall {hook} counter drop\n"
        for hook in ("input", "forward", "output")
    )
    for family in ("ip", "ip6", "inet", "bridge")
)

#: In a network namespace of its own, that of "the host"; what it prints is compared.
HOST = """\
set -e
nft -f wall.nft
show() { ip -o link; ip -o address; ip route; ip -6 route; nft list ruleset; }
show > before
code=0
"$@" || code=$?
show > after
ip link set lo up
ping -c1 -W1 127.0.0.1 > ping || true
nft list ruleset > last
exit $code
"""


def test_a_lab_passes_behind_a_wall_that_nothing_passes(tmp_path: Path, leftovers: Leftovers):
    (tmp_path / "wall.nft").write_text(WALL)
    (tmp_path / "lab.yaml").write_text(LAB)
    command = [sys.executable, "-m", "netlab", "run", "lab.yaml", "--out", "out"]
    done = subprocess.run(
        ["unshare", "--net", "sh", "-c", HOST, "sh", *command],
        cwd=tmp_path,
        env=leftovers.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    before = (tmp_path / "before").read_text()
    assert before.count("counter packets 0 bytes 0 drop") == 12
    assert (tmp_path / "after").read_text() == before
    assert "100% packet loss" in (tmp_path / "ping").read_text()
    assert (tmp_path / "last").read_text() not in before
    assert not leftovers.found()
