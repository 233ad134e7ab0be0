"""Judges expectations about packets: how many match, or in what order they come."""

from __future__ import annotations

from collections.abc import Sequence

from netlab.scenario.judges.evidence import Evidence, Finding
from netlab.scenario.judges.near import SHOWN, near_misses
from netlab.scenario.judges.view import Seen, view
from netlab.topology.expectations import AT_LEAST_ONE, PacketsExpected
from netlab.wire.filter import Filter


def judge_packets(expectation: PacketsExpected, evidence: Evidence) -> Finding:
    seen = view(
        evidence,
        evidence.window(expectation),
        at=expectation.at,
        connection=expectation.connection,
    )
    if expectation.connection and not evidence.connections(expectation.connection):
        note = evidence.no_connection(expectation.connection)
    else:
        note = ""
    if len(expectation.expressions) == 1:
        finding = _counted(expectation, seen)
    elif expectation.exact:
        finding = _consecutive(expectation, seen)
    else:
        finding = _in_order(expectation, seen)
    if finding.passed or not note:
        return finding
    return Finding(passed=False, expected=finding.expected, seen=f"{note}\n{finding.seen}")


def _counted(expectation: PacketsExpected, seen: Sequence[Seen]) -> Finding:
    expression = expectation.expressions[0]
    count = expectation.count or AT_LEAST_ONE
    matching = _matching(expression, seen)
    passed = count.allows(len(matching))
    lines = [f"{_packets(len(matching))} match{'es' if len(matching) == 1 else ''}"]
    if not passed:
        lines += map(str, matching[:SHOWN])
        if not count.allows(0):
            lines += near_misses(expression, seen)
    wanted = "never" if expectation.never else f"{count} of"
    expected = f"{wanted}: {expression}{_place(expectation)}"
    return Finding(passed, expected, "\n".join(lines), _frames(matching))


def _in_order(expectation: PacketsExpected, seen: Sequence[Seen]) -> Finding:
    """The earliest packet for each expression leaves the most for those after it."""
    filters = [Filter(expression) for expression in expectation.expressions]
    matched: list[Seen] = []
    after = 0
    for place, one in enumerate(seen):
        if len(matched) < len(filters) and filters[len(matched)].matches(one.subject):
            matched.append(one)
            after = place + 1
    return _listed(expectation, matched, seen[after:])


def _consecutive(expectation: PacketsExpected, seen: Sequence[Seen]) -> Finding:
    """The place where most of the expressions match packets that follow directly."""
    filters = [Filter(expression) for expression in expectation.expressions]
    best, begin = 0, 0
    for start in range(len(seen)):
        length = 0
        for one, expected in zip(seen[start:], filters, strict=False):
            if not expected.matches(one.subject):
                break
            length += 1
        if length > best:
            best, begin = length, start
    return _listed(expectation, seen[begin : begin + best], seen[begin + best :])


def _listed(
    expectation: PacketsExpected, matched: Sequence[Seen], following: Sequence[Seen]
) -> Finding:
    expressions = expectation.expressions
    passed = len(matched) == len(expressions)
    lines = [f"{len(matched)} of {len(expressions)} in order"]
    if not passed:
        lines += map(str, matched)
        missing = expressions[len(matched)]
        lines.append(f"nothing {'directly ' if expectation.exact else ''}after matches: {missing}")
        lines += [f"next: {one}" for one in following[:SHOWN]]
        lines += near_misses(missing, following)
    manner = "one directly after the other" if expectation.exact else "in this order"
    expected = "\n".join([f"{manner}{_place(expectation)}:", *expressions])
    return Finding(passed, expected, "\n".join(lines), _frames(matched))


def _matching(expression: str, seen: Sequence[Seen]) -> list[Seen]:
    compiled = Filter(expression)
    return [one for one in seen if compiled.matches(one.subject)]


def _frames(seen: Sequence[Seen]) -> tuple[int, ...]:
    return tuple(one.sighting.number for one in seen)


def _packets(number: int) -> str:
    return f"{number} packet" if number == 1 else f"{number} packets"


def _place(expectation: PacketsExpected) -> str:
    of = f" of {expectation.connection}" if expectation.connection else ""
    at = f" at {expectation.at}" if expectation.at else ""
    after = f" after {expectation.after}" if expectation.after else ""
    before = f" before {expectation.before}" if expectation.before else ""
    return of + at + after + before
