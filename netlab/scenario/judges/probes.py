"""Judges what pings, traceroutes and ICMP observers found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from netlab.scenario.judges.evidence import Evidence, Finding
from netlab.topology.expectations import (
    HopsExpected,
    ObservedExpected,
    ProbeErrorsExpected,
    RepliesExpected,
)


def judge_replies(expectation: RepliesExpected, evidence: Evidence) -> Finding:
    expected = f"{expectation.count} replies to {expectation.name}"
    found = _outcome("ping", expectation.name, evidence)
    if found is None:
        return Finding(passed=False, expected=expected, seen=_never(expectation.name, evidence))
    seen = f"{found['replies']} replies to {found['transmitted']} echoes"
    return Finding(expectation.count.allows(found["replies"]), expected, seen)


def judge_hops(expectation: HopsExpected, evidence: Evidence) -> Finding:
    expected = f"{expectation.name} meets {', '.join(expectation.nodes)}"
    found = _outcome("traceroute", expectation.name, evidence)
    if found is None:
        return Finding(passed=False, expected=expected, seen=_never(expectation.name, evidence))
    met = tuple(_node(hop["from"], evidence) for hop in found["hops"])
    return Finding(met == expectation.nodes, expected, f"it met {', '.join(met)}")


def judge_probe_errors(expectation: ProbeErrorsExpected, evidence: Evidence) -> Finding:
    expected = f"{expectation.name} has {_counted(expectation.errors)}"
    found = _outcome("ping", expectation.name, evidence)
    if found is None:
        return Finding(passed=False, expected=expected, seen=_never(expectation.name, evidence))
    errors = [
        f"{probe['error']} from {_node(probe['from'], evidence)}"
        for probe in found["probes"]
        if "error" in probe
    ]
    passed = len(errors) == len(expectation.errors) and all(
        wanted in {error, error.partition(" from ")[0]}
        for wanted, error in zip(expectation.errors, errors, strict=True)
    )
    return Finding(passed, expected, _counted(errors))


def judge_observed(expectation: ObservedExpected, evidence: Evidence) -> Finding:
    expected = ", ".join(expectation.messages) + (", and nothing else" if expectation.exact else "")
    heard = tuple(
        f"{'icmp' if event.data['version'] == 4 else 'icmpv6'}"
        f" {event.data['type']}/{event.data['code']}"
        for event in evidence.of_kind("icmp", expectation.name)
    )
    following = iter(heard)
    passed = (
        heard == expectation.messages
        if expectation.exact
        else all(wanted in following for wanted in expectation.messages)
    )
    return Finding(passed, expected, ", ".join(heard) or "nothing")


def _counted(errors: Sequence[str]) -> str:
    if not errors:
        return "no probe that ends in an error"
    probes = "1 probe that ends" if len(errors) == 1 else f"{len(errors)} probes that end"
    return f"{probes} in {', '.join(errors)}"


def _outcome(operation: str, name: str, evidence: Evidence) -> dict[str, Any] | None:
    for event in evidence.of_kind("op", name):
        if event.data.get("op") == operation and event.data.get("status") == "ok":
            return dict(event.data)
    return None


def _never(name: str, evidence: Evidence) -> str:
    failed = [e.data.get("error") for e in evidence.of_kind("op", name) if e.data.get("error")]
    return f"{name} failed: {failed[0]}" if failed else f"{name} was never done"


def _node(address: str | None, evidence: Evidence) -> str:
    """Whose address it is; the address itself where nobody has it, ``*`` for nobody."""
    if address is None:
        return "*"
    return next(
        (
            node.name
            for node in evidence.plan.nodes
            for interface in node.interfaces
            for each in interface.addresses
            if str(each.ip) == address
        ),
        address,
    )
