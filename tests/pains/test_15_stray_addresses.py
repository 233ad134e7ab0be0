"""Nodes had addresses, or sent from some, that the file does not give them (moby#42762)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from ipaddress import IPv6Address, ip_address

import pytest

from netlab import record
from netlab.folder import RunFolder
from netlab.report.run import Run
from netlab.testing.commands import Outcome
from netlab.topology.plan import Interface, Node

pytestmark = pytest.mark.lab

NODES = ("c1", "c2", "r1", "server")


def asked(when: str) -> str:
    return "\n".join(
        f"  - {{node: {node}, exec: ip -j address, as: {node}-{when}}}" for node in NODES
    )


LAB = f"""
name: strays
nodes:
  c1..2:  {{role: client}}
  r1:     {{role: router}}
  server: {{role: server, interfaces: {{path1: {{}}, path2: {{}}}}, services: [{{echo: tcp/7}}]}}
links:
  - {{lan: [c1, c2, r1]}}
  - r1 -- server:path1
  - {{ends: [c1, "server:path2"], impair: {{delay: 1ms}}}}
scenario:
{asked("at-first")}
  - {{restart: server}}
  - {{restart: r1}}
  - {{restart: c1}}
{asked("restarted")}
  - {{node: c1, connect: tcp server:7, as: over4}}
  - {{request: {{send: 100 bytes, receive: 100 bytes}}, over: over4}}
  - {{node: c2, connect: tcp6 server.path1:7, as: over6}}
  - {{request: {{send: 100 bytes, receive: 100 bytes}}, over: over6}}
"""


@pytest.fixture
def run(run_lab: Callable[[str], Outcome]) -> Run:
    outcome = run_lab(LAB)
    assert outcome.exit_code == 0, str(outcome)
    return record.read(RunFolder.existing(outcome.folder))


def told(run: Run, name: str) -> set[tuple[str, str]]:
    """Interfaces and addresses that a node's kernel has told."""
    (output,) = (e.data["output"] for e in run.events if e.kind == "program" and e.conn == name)
    return {
        (interface["ifname"], f"{each['local']}/{each['prefixlen']}")
        for interface in json.loads(output)
        for each in interface["addr_info"]
    }


def link_local(interface: Interface) -> str:
    """The address that IPv6 makes of the MAC address (RFC 4291, appendix A)."""
    mac = bytes.fromhex(interface.mac.replace(":", ""))
    identifier = bytes([mac[0] ^ 2]) + mac[1:3] + b"\xff\xfe" + mac[3:]
    return str(IPv6Address(b"\xfe\x80" + bytes(6) + identifier))


def planned(node: Node) -> Iterator[tuple[str, str]]:
    yield from (("lo", "127.0.0.1/8"), ("lo", "::1/128"))
    for interface in node.interfaces:
        yield from ((interface.name, str(address)) for address in interface.addresses)
        yield interface.name, f"{link_local(interface)}/64"


def test_a_node_has_the_addresses_of_the_plan_and_sends_from_no_other(run: Run) -> None:
    for node in run.plan.nodes:
        for when in ("at-first", "restarted"):
            assert told(run, f"{node.name}-{when}") == set(planned(node)), when
    known = {address.partition("/")[0] for node in run.plan.nodes for _, address in planned(node)}
    sources = {str(ip_address(s.packet.ip.source)) for s in run.analysis.sightings if s.packet.ip}
    assert len(sources) > len(run.plan.nodes)
    # RFC 3810 section 5.2.13: MLD may be sent from no address.
    assert sources <= known | {"::"}
