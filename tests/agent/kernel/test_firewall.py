from __future__ import annotations

from typing import Any

from netlab.agent.filters import Rule
from netlab.agent.kernel.firewall import _CHAIN, _ruleset


def rule(**fields: Any) -> Rule:
    asked = {
        "text": "drop udp",
        "expression": "udp",
        "hook": "forward",
        "matches": ["meta l4proto udp"],
        "verdict": "drop",
        "reply": None,
    }
    return Rule(asked | fields, packets=3, size=84)


def test_every_filter_is_a_chain_that_counts_on() -> None:
    text = _ruleset({0: rule(), 4: rule(hook="input", verdict="reject with icmp type 6")})

    assert "chain f0 { counter packets 3 bytes 84\ndrop\n}" in text
    assert "chain f4 { counter packets 3 bytes 84\nreject with icmp type 6\n}" in text
    assert _CHAIN.findall(text) == [("0", "3", "84"), ("4", "3", "84")]


def test_alternatives_go_to_the_same_chain_of_the_right_hook() -> None:
    lines = _ruleset({1: rule(matches=["tcp sport 7", "tcp dport 7"])}).splitlines()

    start = lines.index("chain forward { type filter hook forward priority 0; policy accept;")
    assert lines[start + 1 : start + 4] == ["tcp sport 7 goto f1", "tcp dport 7 goto f1", "}"]


def test_the_new_table_takes_the_old_ones_place_at_once() -> None:
    first, second, *rest = _ruleset({1: rule()}).splitlines()

    assert (first, second) == (
        "add table inet netlab_filters",
        "delete table inet netlab_filters",
    )
    assert rest[0] == "table inet netlab_filters {"
    assert len(_ruleset({}).splitlines()) == 2
