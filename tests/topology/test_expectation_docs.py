from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from netlab.topology.model.expectation import EXPECTATIONS
from netlab.topology.plan import Plan

PAGE = (Path(__file__).parents[2] / "docs" / "expectations.md").read_text()
EXAMPLES = re.findall(r"`(\{\w+: [^`]*\})`", PAGE)

LAB = """\
name: documented
observe: {tcp_info: 10ms, variables: true}
nodes: {c1: , r1: {role: router}, server: {services: [{echo: tcp/7}]}}
links: [c1 -- r1, r1 -- server]
scenario:
  - {node: c1, connect: tcp server:7, as: first}
  - {node: c1, connect: tcp server:7, as: bulk}
  - {node: c1, open: udp, as: big}
  - {node: c1, exec: ping -c1 server, as: p}
  - {node: c1, ping: server, as: ping}
  - {node: c1, traceroute: server, as: trace}
  - {node: c1, observe: icmp, as: seen}
  - {node: c1, many: {connect: tcp server:7, count: 200}, as: crowd}
expect:
  - """


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_understood(lab: Callable[[str], Plan], example: str) -> None:
    assert lab(LAB + example + "\n").expectations


@pytest.mark.parametrize("verb", EXPECTATIONS)
def test_every_expectation_has_an_example(verb: str) -> None:
    assert any(example.startswith(f"{{{verb}: ") for example in EXAMPLES)
