"""A link cannot be taken down, or does not come back whole.

srl-labs/containerlab#2398, #2600.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netlab.testing.commands import Outcome

pytestmark = pytest.mark.lab

LAB = """
name: flaps
nodes:
  c1: {role: client}
  r1: {role: router}
  server: {role: server, services: [{echo: [tcp/7, udp/7]}]}
links:
  - c1 -- r1
  - {ends: [r1, server], %s}
scenario:
  - {node: c1, connect: tcp server:7, as: first}
  - {node: c1, connect: udp6 server:7, as: six}
  - {request: {send: 100 bytes, receive: 100 bytes}, over: first}
  - {link: r1 -- server, down: 100ms}
  - {send: gone, over: six}
  - {pause: 150ms}
  - {request: {send: 100 bytes, receive: 100 bytes}, over: first}
  - {link: r1 -- server, flap: {down: 20ms, up: 20ms, times: 5}}
  - {pause: 700ms}
  - {request: {send: 100 bytes, receive: 100 bytes}, over: first}
  - {request: {send: 100 bytes, receive: 100 bytes}, over: six}
  - {close: first}
expect:
  - {received: {first: {bytes: 300 bytes, equals: sent}, six: 100 bytes}}
  - {never: data == "gone", at: server}
"""


@pytest.mark.parametrize("rest", ["mtu: 1500", "impair: {delay: 1ms}"])
def test_connections_outlive_it_and_addresses_and_routes_come_back(
    rest: str, run_lab: Callable[[str], Outcome]
) -> None:
    outcome = run_lab(LAB % rest)

    assert outcome.exit_code == 0, str(outcome)
    events = (outcome.folder / "events.jsonl").read_text()
    assert events.count('"status":"down"') == 6
    assert events.count('"status":"up"') == 6
