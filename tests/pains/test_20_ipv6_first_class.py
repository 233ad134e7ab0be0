"""IPv6 comes second: off, late, or half there.

mininet/mininet#562, #664, #808; srl-labs/containerlab#1302.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netlab.testing.commands import Outcome

pytestmark = pytest.mark.lab

LAB = """
name: six
nodes:
  c1: {role: client}
  r1..2: {role: router}
  server: {role: server, services: [{echo: [tcp/7, udp/7]}]}
links: [c1 -- r1, r1 -- r2, {lan: [r2, server]}]
scenario:
  - {node: c1, connect: udp6 server:7, as: datagrams}
  - {request: {send: 1000 bytes, receive: 1000 bytes}, over: datagrams, within: 900ms}
  - {node: c1, connect: tcp6 server:7, as: stream}
  - {request: {send: 4000 bytes, receive: 4000 bytes}, over: stream, within: 900ms}
  - {node: c1, exec: getent ahosts server, as: names}
  - {link: r1 -- r2, down: 10ms}
  - {pause: 20ms}
  - {restart: server}
  - {node: c1, connect: tcp6 server:7, as: again}
  - {request: {send: 100 bytes, receive: 100 bytes}, over: again}
  - {interface: "c1:eth0", add: "fd99::1/64"}
  - {node: c1, exec: ip -6 -o addr show eth0, as: added}
expect:
  - {received: {datagrams: {equals: sent}, stream: {equals: sent}, again: {equals: sent}}}
  - {output: {names: "^fd00", added: "fd99::1/64 scope global (?!.*tentative)"}}
  - {states: {stream: [SYN_SENT, ESTABLISHED]}}
  - fact: the very first packet is answered, nothing waits for duplicate address detection
    packets: "icmpv6.type == 135 and ip.src == ::"
    count: 0
"""


def test_all_that_works_over_ipv4_works_over_ipv6_from_the_first_packet(
    run_lab: Callable[[str], Outcome],
) -> None:
    outcome = run_lab(LAB)

    assert outcome.exit_code == 0, str(outcome)
