from __future__ import annotations

import pytest

from netlab.scenario.judges.evidence import Evidence, Window
from netlab.scenario.judges.near import near_misses
from netlab.scenario.judges.view import view
from netlab.testing.plans import two_hosts
from netlab.testing.runs import analysed, connected

TALK = """
    c1 > server  SYN seq=0 mss=536
    server > c1  SYN ACK seq=0 ack=1 mss=1460
    c1 > server  ACK PSH seq=1 ack=1 len=536
    c1:5000 > server:9  UDP len=30
    server > c1  ICMP port-unreachable quotes=4
"""
EVERYTHING = Window(float("-inf"), float("inf"))


def missed(expression: str) -> list[str]:
    """The frame of each near miss, and what it is not."""
    events = [connected("first")]
    plan = two_hosts()
    evidence = Evidence(plan, events, analysed(plan, TALK, events))
    lines = near_misses(expression, view(evidence, EVERYTHING))
    return [f"{line.split()[3]} {line.split(' is not ')[1]}" for line in lines]


@pytest.mark.parametrize(
    ("expression", "misses"),
    [
        ("tcp.len == 500", ["5, tcp.len == 500 (tcp.len was 536)"]),
        ("tcp.flags.urg", []),
        ("tcp.flags.syn and tcp.flags.fin", ["1, tcp.flags.fin (tcp.flags.fin was not set)"]),
        ("udp and src.node == server", ["7, src.node == server (src.node was c1)"]),
        ("udp and udp.length > 100", ["7, udp.length > 100 (udp.length was 38)"]),
        ("udp and not ip.src == 10.0.0.2", ["7, not ip.src == 10.0.0.2 (ip.src was 10.0.0.2)"]),
        ("icmp and icmp.mtu == 1400", ["9, icmp.mtu == 1400 (it has no icmp.mtu)"]),
        ('udp and data contains "x"', ['7, data contains "x" (data was \'\\x00']),
        ("arp.opcode == 1", []),
        ("arp", []),
    ],
)
def test_the_nearest_packet_and_its_own_value(expression: str, misses: list[str]) -> None:
    found = missed(expression)
    assert len(found) >= len(misses)
    for line, wanted in zip(found, misses, strict=False):
        assert line.startswith(wanted)
    assert bool(found) is bool(misses)


def test_fewer_failing_clauses_are_nearer() -> None:
    found = missed("tcp and tcp.len == 536 and src.node == server")
    assert found[0] == "5, src.node == server (src.node was c1)"
    assert all(" and " not in line.split(" (")[0] for line in found)


def test_a_packet_that_lacks_the_field_is_farther_than_one_with_another_value() -> None:
    found = missed("src.node == server and tcp.len == 100")
    assert [line.split(",")[0] for line in found] == ["3", "9"]


def test_the_nearest_number_comes_first() -> None:
    found = missed("tcp.options.mss == 600")
    assert found == [
        "1, tcp.options.mss == 600 (tcp.options.mss was 536)",
        "3, tcp.options.mss == 600 (tcp.options.mss was 1460)",
    ]
