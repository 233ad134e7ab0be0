"""Judges the states that one end of a connection goes through."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from netlab.analyse.model import Connection, End, StateChange
from netlab.scenario.judges.ends import called, judge_ends, that_passed
from netlab.scenario.judges.evidence import Evidence, Finding, seconds
from netlab.topology.expectations import StatesExpected


def judge_states(expectation: StatesExpected, evidence: Evidence) -> Finding:
    place = f" at {expectation.node}" if expectation.node else ""
    expected = f"{expectation.connection}{place}: {', '.join(expectation.states)}"

    def judge(_: Connection, end: End) -> Finding:
        return _judge(expectation, evidence, end, expected)

    return that_passed(judge_ends(expectation, evidence, expected, judge))


def _judge(expectation: StatesExpected, evidence: Evidence, end: End, expected: str) -> Finding:
    window = evidence.window(expectation)
    changes = [change for change in end.states if change.t in window]
    if not changes:
        seen = f"the capture proves no state of {called(end)}"
        if end.states:
            seen = f"{called(end)} was in no new state then; it went {_told(end.states)}"
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
