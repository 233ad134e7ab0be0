"""Impairments cannot be said in the topology file, only set by hand afterwards.

srl-labs/containerlab#1398, #2603; ipspace/netlab#1387.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netlab.testing.commands import Outcome

pytestmark = pytest.mark.lab

LAB = """
name: declared
nodes:
  c1: {role: client}
  c2: {role: client}
  server: {role: server, services: [{echo: udp/7}]}
links:
  - {ends: [c1, server], impair: {"->": {delay: 30ms}, "<-": {delay: 5ms}}}
  - ends: [c2, server]
    impair: {}
    faults: [{drop: udp, nth: 2, way: "->"}]
scenario:
  - {node: c1, connect: udp server.eth0:7, as: slow}
  - {request: {send: 1 byte, receive: 1 byte, times: 3}, over: slow}
  - {node: c2, connect: udp server.eth1:7, as: exact}
  - {send: one, over: exact}
  - {send: two, over: exact}
  - {send: three, over: exact}
  - {link: c2 -- server, impair: {"->": {loss: 100%}}, for: 50ms}
  - {send: four, over: exact}
  - {pause: 100ms}
  - {send: five, over: exact}
expect:
  - {delay: udp.dstport == 7, over: slow, between: [29.5ms, 90ms]}
  - {delay: udp.srcport == 7, over: slow, between: [4.5ms, 29ms]}
  - {packets: [data == "one", data == "three", data == "five"], over: exact, at: server}
  - {lost: {at: c2 -- server, what: udp}, count: 2}
"""


def test_each_direction_is_impaired_as_the_file_says_and_as_the_scenario_changes_it(
    run_lab: Callable[[str], Outcome],
) -> None:
    outcome = run_lab(LAB)

    assert outcome.exit_code == 0, str(outcome)
