"""No capture in the tool, or one for a single node.

vscode-containerlab#428, #436; ipspace/netlab#1086; Kathara#132; srl-labs/containerlab#219;
cougarnet#13.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netlab.testing.commands import Outcome
from netlab.wire import pcapng

pytestmark = pytest.mark.lab

LAB = """
name: many
nodes:
  c1..20: {role: client}
  r1: {role: router}
  server: {role: server, services: [{echo: tcp/7}]}
links:
  - {lan: [c1..20, r1]}
  - r1 -- server
scenario:
  - {node: c1, connect: tcp server:7, as: one}
  - {request: {send: 10 bytes, receive: 10 bytes}, over: one}
  - {node: c20, connect: tcp6 server:7, as: twenty}
  - {request: {send: 10 bytes, receive: 10 bytes}, over: twenty}
"""


def test_one_file_has_what_every_interface_of_every_node_saw_in_order(
    run_lab: Callable[[str], Outcome],
) -> None:
    outcome = run_lab(LAB)
    assert outcome.exit_code == 0, str(outcome)

    with (outcome.folder / "lab.pcapng").open("rb") as stream:
        blocks = list(pcapng.read(stream))

    names = {block.name for block in blocks if isinstance(block, pcapng.InterfaceDescription)}
    frames = [block for block in blocks if isinstance(block, pcapng.Frame)]
    assert {f"c{number}:eth0" for number in range(1, 21)} < names
    assert {"r1:eth0", "r1:eth1", "server:eth0"} < names
    assert {"c1:eth0", "r1:eth0", "r1:eth1", "server:eth0", "c20:eth0"} <= {
        frame.interface.name for frame in frames
    }
    assert [frame.t for frame in frames] == sorted(frame.t for frame in frames)
