"""Judges the states that one end of a connection goes through."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from netlab.analyse.model import Connection, End, StateChange
from netlab.scenario.judges.evidence import Evidence, Finding, Window, seconds
from netlab.topology.expectations import StatesExpected


def judge_states(expectation: StatesExpected, evidence: Evidence) -> Finding:
    place = f" at {expectation.node}" if expectation.node else ""
    expected = f"{expectation.connection}{place}: {', '.join(expectation.states)}"
    connections = evidence.connections(expectation.connection)
    if not connections:
        return Finding(
            passed=False, expected=expected, seen=evidence.no_connection(expectation.connection)
        )
    window = evidence.window(expectation)
    findings = [_judge(expectation, each, expected, window) for each in connections]
    return next((finding for finding in findings if finding.passed), findings[0])


def _judge(
    expectation: StatesExpected, connection: Connection, expected: str, window: Window
) -> Finding:
    end = end_at(connection, expectation.node, expectation.connection)
    if end is None:
        seen = no_end(connection, expectation.node)
        return Finding(passed=False, expected=expected, seen=seen)
    changes = [change for change in end.states if change.t in window]
    if not changes:
        seen = f"the capture proves no state of {_name(end)}"
        if end.states:
            seen = f"{_name(end)} was in no new state then; it went {_told(end.states)}"
        return Finding(passed=False, expected=expected, seen=seen)
    changes, start, matched = max(
        ((each, *_nearest(each, expectation.states)) for each in (changes, _stayed(changes))),
        key=lambda found: found[2],
    )
    passed = matched == len(expectation.states)
    lines = [_told(changes)]
    if not passed:
        lines.append(_departure(changes, start, expectation.states, matched))
    frames = [change.cause for change in changes[start : start + matched] if change.cause]
    return Finding(passed, expected, "\n".join(lines), tuple(frames))


def no_end(connection: Connection, node: str | None) -> str:
    ends = f"{_name(connection.client)} and {_name(connection.server)}"
    return f"{node} is no end of {connection.name}; its ends are {ends}"


def end_at(connection: Connection, node: str | None, name: str) -> End | None:
    """The end at ``node``; None is the one that was opened as ``name``."""
    if node is None:
        return connection.opened_as(name)
    ends = (connection.client, connection.server)
    return next((end for end in ends if end.endpoint.node == node), None)


def _name(end: End) -> str:
    return end.endpoint.node or str(end.endpoint)


def _stayed(changes: Sequence[StateChange]) -> list[StateChange]:
    """Without the states that one segment leads to and out of, as no kernel tells of FIN_WAIT_2."""
    return [
        change
        for change, following in zip_longest(changes, changes[1:])
        if following is None
        or change.cause is None
        or (change.t, change.cause) != (following.t, following.cause)
    ]


def _nearest(changes: Sequence[StateChange], states: Sequence[str]) -> tuple[int, int]:
    """Where the states were followed furthest, and how far."""
    return max(
        ((start, _follows(changes[start:], states)) for start in range(len(changes))),
        key=lambda place: place[1],
    )


def _follows(changes: Sequence[StateChange], states: Sequence[str]) -> int:
    matched = 0
    for change, state in zip(changes, states, strict=False):
        if change.state != state:
            break
        matched += 1
    return matched


def _told(changes: Sequence[StateChange]) -> str:
    return ", ".join(f"{change.state} {seconds(change.t)}" for change in changes)


def _departure(
    changes: Sequence[StateChange], start: int, states: Sequence[str], matched: int
) -> str:
    missing = states[matched]
    if matched == 0:
        return f"{missing} never came"
    if start + matched == len(changes):
        return f"{missing} did not come after {states[matched - 1]}"
    instead = changes[start + matched]
    frame = f" (frame {instead.cause})" if instead.cause else ""
    return (
        f"after {states[matched - 1]} came {instead.state}"
        f" at {seconds(instead.t)}{frame}, not {missing}"
    )
