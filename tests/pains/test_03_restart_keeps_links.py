"""A node that restarts loses its links, or black-holes its peers.

srl-labs/containerlab#730, #1299, #231, #3379.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netlab.testing.commands import Outcome

pytestmark = pytest.mark.lab

LAB = """
name: restarts
nodes:
  c1: {role: client}
  r1: {role: router}
  server: {role: server, interfaces: {path1: {}, path2: {}}, services: [{echo: [tcp/7, udp/7]}]}
links:
  - c1 -- r1
  - {ends: [r1, "server:path1"], mtu: 1400}
  - c1 -- server:path2
scenario:
  - {node: server, exec: ip -o link show up; ip -o addr; ip route; ip -6 route, as: before}
  - {restart: server}
  - {restart: r1}
  - {restart: server}
  - {node: c1, connect: tcp server.path1:7, as: routed}
  - {request: {send: 9000 bytes, receive: 9000 bytes}, over: routed}
  - {node: c1, connect: tcp6 server.path2:7, as: direct}
  - {request: {send: 9000 bytes, receive: 9000 bytes}, over: direct}
  - {node: c1, connect: udp server.path1:7, as: datagrams}
  - {request: {send: 100 bytes, receive: 100 bytes}, over: datagrams}
expect:
  - {received: {routed: {bytes: 9000 bytes, equals: sent}}}
  - {received: {direct: {bytes: 9000 bytes, equals: sent}}}
  - {received: {datagrams: {bytes: 100 bytes, equals: sent}}}
"""


def test_links_addresses_and_routes_are_there_after_any_number_of_restarts(
    run_lab: Callable[[str], Outcome],
) -> None:
    outcome = run_lab(LAB)

    assert outcome.exit_code == 0, str(outcome)
