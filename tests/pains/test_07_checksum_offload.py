"""Checksums that nobody computed break TCP behind anything that looks at packets.

srl-labs/containerlab#197, #540, #543, #1535, #1537, #2894, #3082; GNS3/gns3-server#444;
networkop/meshnet-cni#63.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netlab.testing.commands import Outcome

pytestmark = pytest.mark.lab

LAB = """
name: checksums
defaults: {offload: %s}
nodes:
  c1: {role: client}
  server: {role: server, services: [{echo: [tcp/7, udp/7]}]}
links:
  - {ends: [c1, server], impair: {delay: 1ms}}
  - {lan: [c1, server], impair: {"c1 ->": {rate: 100 Mbit/s}}}
scenario:
  - {node: c1, connect: tcp server.eth0:7, as: first}
  - {request: {send: 30000 bytes, receive: 30000 bytes}, over: first}
  - {node: c1, connect: tcp6 server.eth1:7, as: second}
  - {request: {send: 30000 bytes, receive: 30000 bytes}, over: second}
  - {node: c1, connect: udp server.eth0:7, as: third}
  - {request: {send: 3000 bytes, receive: 3000 bytes}, over: third}
expect:
  - {received: {first: {bytes: 30000 bytes, equals: sent}}}
  - {received: {second: {bytes: 30000 bytes, equals: sent}}}
  - {fact: every checksum is right, packets: frame.problem, count: 0}
  - {fact: every checksum is right where it arrives, packets: frame.problem, count: 0, at: server}
  - {fact: no packet is longer than a wire carries, packets: ip.len > 1500, count: 0}
"""


@pytest.mark.parametrize("offload", ["wire", "fast"])
def test_packets_of_impaired_links_are_those_of_a_wire(
    offload: str, run_lab: Callable[[str], Outcome]
) -> None:
    outcome = run_lab(LAB % offload)

    assert outcome.exit_code == 0, str(outcome)
    report = (outcome.folder / "report.txt").read_text()
    assert ("has offload wire" in report) is (offload == "fast")
