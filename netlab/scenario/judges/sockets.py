"""Judges a node's socket table at a moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from netlab.collect.events import Event
from netlab.scenario.judges.evidence import Evidence, Finding, seconds
from netlab.topology.expectations import SocketsExpected
from netlab.topology.socketpair import BookSocket, parse


def judge_sockets(expectation: SocketsExpected, evidence: Evidence) -> Finding:
    moment = str(expectation.moment) if expectation.moment else None
    when = f"at {moment}" if moment else "at the end"
    only = " and no other" if expectation.only else ""
    expected = "\n".join([f"{expectation.node} {when}{only}:", *expectation.sockets])
    table = _table(evidence, expectation.node, moment)
    if table is None:
        seen = f"the socket table of {expectation.node} was not read {when}"
        return Finding(passed=False, expected=expected, seen=seen)
    present = _present(table.data["sockets"])
    missing, others = _compare(expectation, present)
    lines = [f"at {seconds(table.t)}:", *(sorted(map(str, present)) or ["no socket"])]
    lines += [f"missing: {socket}" for socket in missing]
    if expectation.only:
        lines += [f"unexpected: {socket}" for socket in others]
    passed = not missing and not (expectation.only and others)
    return Finding(passed, expected, "\n".join(lines))


def sockets_hold(expectation: SocketsExpected, sockets: Iterable[dict[str, Any]]) -> bool:
    """Whether the sockets of a ``sockets`` event are what is expected."""
    missing, others = _compare(expectation, _present(sockets))
    return not missing and not (expectation.only and others)


def _present(sockets: Iterable[dict[str, Any]]) -> list[BookSocket]:
    return [BookSocket(one["local"], one["foreign"], one.get("state")) for one in sockets]


def _table(evidence: Evidence, node: str, moment: str | None) -> Event | None:
    """The last that was read of the node at the moment."""
    tables = [
        event
        for event in evidence.of_kind("sockets")
        if event.node == node and event.data.get("moment") == moment
    ]
    return tables[-1] if tables else None


def _compare(
    expectation: SocketsExpected, present: Sequence[BookSocket]
) -> tuple[list[BookSocket], list[BookSocket]]:
    """What is missing, and what is there beyond what is expected; each socket counts once.

    What is written with a state chooses first.
    """
    others = list(present)
    missing = []
    expected = map(parse, expectation.sockets)
    for socket in sorted(expected, key=lambda one: one.state is None):
        found = next((one for one in others if socket.describes(one)), None)
        if found is None:
            missing.append(socket)
        else:
            others.remove(found)
    return missing, others
