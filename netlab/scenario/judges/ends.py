"""The ends of connections that an expectation is about: one, or one of each of a crowd."""

from __future__ import annotations

from collections.abc import Callable

from netlab.analyse.model import Connection, End
from netlab.scenario.judges.evidence import Evidence, Finding
from netlab.topology.expectations import MetricExpected, StatesExpected, VariablesExpected


class NoEnd(Exception):
    """There is no such connection, or it has no such end; the text says what there is."""


def judge_ends(
    expectation: StatesExpected | MetricExpected | VariablesExpected,
    evidence: Evidence,
    expected: str,
    judge: Callable[[Connection, End], Finding],
) -> list[Finding]:
    """What ``judge`` finds at each of the ends; one finding where there is none."""
    name, node = expectation.connection, expectation.node
    try:
        ends = [(each, end_at(each, node, name)) for each in connections(evidence, name)]
    except NoEnd as nothing:
        return [Finding(passed=False, expected=expected, seen=str(nothing))]
    return [judge(connection, end) for connection, end in ends]


def that_failed(findings: list[Finding]) -> Finding:
    """Of findings that all have to pass."""
    return next((finding for finding in findings if not finding.passed), findings[0])


def that_passed(findings: list[Finding]) -> Finding:
    """Of findings of which one has to pass."""
    return next((finding for finding in findings if finding.passed), findings[0])


def connections(evidence: Evidence, name: str) -> list[Connection]:
    """One at least; NoEnd when there is none."""
    found = evidence.connections(name)
    if not found:
        raise NoEnd(evidence.no_connection(name))
    return found


def end_at(connection: Connection, node: str | None, name: str) -> End:
    """The end at ``node``; None is the one that was opened as ``name``. NoEnd when it is none."""
    if node is None:
        return connection.opened_as(name)
    ends = (connection.client, connection.server)
    for end in ends:
        if end.endpoint.node == node:
            return end
    told = " and ".join(map(called, ends))
    raise NoEnd(f"{node} is no end of {connection.name}; its ends are {told}")


def called(end: End) -> str:
    """Its node, or its address where that is unknown."""
    return end.endpoint.node or str(end.endpoint)
