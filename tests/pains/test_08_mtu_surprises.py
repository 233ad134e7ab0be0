"""The MTU that a path has is not the MTU that the file says.

srl-labs/containerlab#392, #326, #509, #1580, #1583, #1655; ipspace/netlab#1985, #3656.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netlab.testing.commands import Outcome

pytestmark = pytest.mark.lab

#: IPv4 and UDP headers; IPv6 and UDP headers.
IPV4, IPV6 = 28, 48

PROBES = """
name: probes
nodes:
  a: {role: client}
  b: {role: server, services: [{echo: udp/7}]}
links:
  - LINK
scenario:
  - {node: a, connect: udp b:7, path_mtu_discovery: true, as: v4}
  - {request: {send: FITS4 bytes, receive: FITS4 bytes}, over: v4}
  - {node: a, connect: udp b:7, path_mtu_discovery: true, as: v4long}
  - {send: LONG4 bytes, over: v4long}
  - {node: a, connect: udp6 b:7, path_mtu_discovery: true, as: v6}
  - {request: {send: FITS6 bytes, receive: FITS6 bytes}, over: v6}
  - {node: a, connect: udp6 b:7, path_mtu_discovery: true, as: v6long}
  - {send: LONG6 bytes, over: v6long}
expect:
  - {errno: {v4: none, v4long: EMSGSIZE, v6: none, v6long: EMSGSIZE}}
  - {packets: ip.df and ip.len == MTU, count: ">= 2", at: b}
  - {packets: ip.mf or ip.frag_offset > 0, count: 0}
"""


@pytest.mark.parametrize("mtu", [1280, 1400, 1500, 9000, 65535])
@pytest.mark.parametrize("link", ["{ends: [a, b], mtu: MTU}", "{lan: [a, b], mtu: MTU}"])
def test_a_link_carries_exactly_its_mtu(
    run_lab: Callable[[str], Outcome], link: str, mtu: int
) -> None:
    text = PROBES.replace("LINK", link)
    for word, number in {
        "FITS4": mtu - IPV4,
        "LONG4": mtu - IPV4 + 1,
        "FITS6": mtu - IPV6,
        "LONG6": mtu - IPV6 + 1,
        "MTU": mtu,
    }.items():
        text = text.replace(word, str(number))

    outcome = run_lab(text)

    assert outcome.exit_code == 0, str(outcome)


def test_an_mtu_that_changes_is_the_new_one(run_lab: Callable[[str], Outcome]) -> None:
    outcome = run_lab("""
name: changes
nodes:
  a: {role: client}
  b: {role: server, services: [{echo: udp/7}]}
links: [a -- b]
scenario:
  - {interface: "a:eth0", mtu: 1300}
  - {interface: "b:eth0", mtu: 1300}
  - {link: a -- b, down: true}
  - {link: a -- b, up: true}
  - {node: a, connect: udp b:7, path_mtu_discovery: true, as: fits}
  - {request: {send: 1272 bytes, receive: 1272 bytes}, over: fits}
  - {node: a, connect: udp b:7, path_mtu_discovery: true, as: long}
  - {send: 1273 bytes, over: long}
expect:
  - {errno: {fits: none, long: EMSGSIZE}}
""")

    assert outcome.exit_code == 0, str(outcome)
