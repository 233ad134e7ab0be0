"""Judges what many connections or operations have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from netlab.analyse.model import Connection, End
from netlab.collect.events import Event
from netlab.scenario.judges.evidence import Evidence, Finding, MissingMoment, elapsed, is_called
from netlab.scenario.judges.near import SHOWN
from netlab.scenario.judges.view import first_seen
from netlab.topology.expectations import ConnectionsExpected, OperationsExpected
from netlab.wire.filter import Filter

_SECOND = 1_000_000_000


def judge_connections(expectation: ConnectionsExpected, evidence: Evidence) -> Finding:
    group = [each for each in evidence.analysis.connections if _is_of(each, expectation)]
    differing = list(_differing(expectation, evidence, group))
    number = len(group) - len(differing)
    passed = expectation.count.allows(number)
    lines = [f"{number} of {len(group)} connections"]
    if not passed:
        lines += _reasons(differing)
    wanted = expectation.text.partition(", count ")[0]
    return Finding(passed, f"{expectation.count}: {wanted}", "\n".join(lines))


def _is_of(each: Connection, expectation: ConnectionsExpected) -> bool:
    """Whether it is one of those that are asked about."""
    if expectation.name is not None and not is_called(each, expectation.name):
        return False
    client, server = each.client.endpoint, each.server.endpoint
    return (
        expectation.from_node in {None, client.node}
        and expectation.to_node in {None, server.node}
        and expectation.to_port in {None, server.port}
    )


def _reasons(differing: Sequence[tuple[Connection, str]]) -> Iterator[str]:
    """What is different about how many of them, with some of their names."""
    names: dict[str, list[str]] = {}
    for each, reason in differing:
        names.setdefault(reason, []).append(each.name)
    for reason, those in sorted(names.items(), key=lambda pair: -len(pair[1]))[:SHOWN]:
        yield f"{len(those)} {reason}, such as {', '.join(those[:SHOWN])}"


Check = Callable[[Connection], str | None]


def _differing(
    expectation: ConnectionsExpected, evidence: Evidence, group: Sequence[Connection]
) -> Iterator[tuple[Connection, str]]:
    """Those that are not as wanted, and the first thing that differs."""
    checks = list(_checks(expectation, evidence))
    for each in group:
        reason = next(filter(None, (check(each) for check in checks)), None)
        if reason is not None:
            yield each, reason


def _checks(expectation: ConnectionsExpected, evidence: Evidence) -> Iterator[Check]:
    if expectation.state is not None:
        yield _state_check(expectation, evidence)
    if expectation.having is not None:
        having = Filter(expectation.having)
        yield lambda each: None if _some(each, having) else f"without {having.expression}"
    if expectation.without is not None:
        without = Filter(expectation.without)
        yield lambda each: f"with {without.expression}" if _some(each, without) else None


def _state_check(expectation: ConnectionsExpected, evidence: Evidence) -> Check:
    wanted, moment = expectation.state, expectation.moment
    when = evidence.moment(moment) if moment is not None else None
    if moment is not None and when is None:
        raise MissingMoment(f"{moment} never came")

    def check(each: Connection) -> str | None:
        end = each.server if expectation.at_server else each.client
        if when is None:
            if any(change.state == wanted for change in end.states):
                return None
            return f"ended in {end.states[-1].state}" if end.states else "of no known state"
        state = _state_at(end, when)
        return None if state == wanted else f"in {state or 'no known state'}"

    return check


def _state_at(end: End, t: int) -> str | None:
    return next((change.state for change in reversed(end.states) if change.t <= t), None)


def _some(connection: Connection, wanted: Filter) -> bool:
    """Whether a packet of it, or an error that quotes one, matches."""
    return any(
        wanted.matches(first_seen(arrow.transit, arrow).subject) for arrow in connection.arrows
    ) or any(wanted.matches(first_seen(each, None).subject) for each in connection.related)


def judge_operations(expectation: OperationsExpected, evidence: Evidence) -> Finding:
    operations = [
        event
        for event in evidence.of_kind("op", expectation.name)
        if expectation.op in {None, event.data.get("op")}
    ]
    matching = [event for event in operations if _came_to(event, expectation)]
    took = sorted(event.data["took"] for event in matching if "took" in event.data)
    lines = [f"{len(matching)} of {len(operations)} operations"]
    wrong = []
    if expectation.count is not None and not expectation.count.allows(len(matching)):
        wrong.append(f"it came to: {_outcomes(operations)}")
    if expectation.took:
        lines.append(_distribution(took))
    for statistic, bounds in expectation.took:
        value = _statistic(statistic, took)
        if value is None or not bounds.allows(value / _SECOND):
            told = "unknown" if value is None else elapsed(value)
            wrong.append(f"{statistic} is {told}, not {bounds}")
    wanted = [f"count {expectation.count}"] if expectation.count is not None else []
    wanted += [f"{statistic} {bounds}" for statistic, bounds in expectation.took]
    what = f"{expectation.op or 'operations'} of {expectation.name}"
    return Finding(not wrong, f"{what}: {', '.join(wanted)}", "\n".join(lines + wrong))


def _came_to(event: Event, expectation: OperationsExpected) -> bool:
    has_failed = event.data.get("status") == "error"
    return expectation.failed in {None, has_failed} and (
        expectation.errno in {None, event.data.get("errno")}
    )


def _outcomes(operations: Sequence[Event]) -> str:
    """How often each operation came to what."""
    outcomes = Counter(
        f"{event.data.get('op')} {event.data.get('errno') or event.data.get('status')}"
        for event in operations
    )
    return ", ".join(f"{number} {outcome}" for outcome, number in outcomes.most_common()) or "none"


def _distribution(took: Sequence[int]) -> str:
    if not took:
        return "none of them took any time"
    told = ((name, _statistic(name, took)) for name in ("min", "p50", "p99", "max"))
    return ", ".join(f"{name} {elapsed(value)}" for name, value in told if value is not None)


def _statistic(name: str, took: Sequence[int]) -> float | None:
    """Of sorted times; a percentile is the smallest time that so many do not exceed."""
    if not took:
        return None
    if name == "mean":
        return sum(took) / len(took)
    percent = {"min": 0, "max": 100}.get(name)
    if percent is None:
        percent = int(name.removeprefix("p"))
    return took[max(0, -(-percent * len(took) // 100) - 1)]
