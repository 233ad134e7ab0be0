"""Judges numbers about one end of a connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from netlab.analyse.metrics import Metrics, metrics
from netlab.analyse.model import Connection, End, TcpSample
from netlab.scenario.judges.ends import called, judge_ends, that_failed
from netlab.scenario.judges.evidence import Evidence, Finding, elapsed, seconds
from netlab.topology.expectations import MetricExpected

_SAMPLED: dict[str, Callable[[TcpSample], int | None]] = {
    "cwnd": lambda sample: sample.cwnd,
    "ssthresh": lambda sample: sample.ssthresh,
    "unacked": lambda sample: sample.unacked,
    "mss": lambda sample: sample.mss,
    "srtt": lambda sample: sample.srtt,
    "rto": lambda sample: sample.rto,
}
_TIMES = frozenset({"srtt", "rto"})


def judge_metric(expectation: MetricExpected, evidence: Evidence) -> Finding:
    pick = f"{expectation.pick} " if expectation.pick else ""
    place = f" at {expectation.node}" if expectation.node else ""
    name = expectation.connection
    expected = f"{pick}{expectation.metric} of {name}{place} {expectation.bounds}"

    def judge(connection: Connection, end: End) -> Finding:
        return _judge(expectation, connection, end, expected)

    return that_failed(judge_ends(expectation, evidence, expected, judge))


def _judge(expectation: MetricExpected, connection: Connection, end: End, expected: str) -> Finding:
    if expectation.pick is not None:
        return _sampled(expectation, end, expected)
    found = metrics(connection, forward=end is connection.client)
    value = found.values[expectation.metric]
    passed = expectation.bounds.allows(value)
    lines = [f"{expectation.metric} {value}"]
    if not passed:
        lines.append(f"all of this end: {_told(found)}")
    return Finding(passed, expected, "\n".join(lines), found.frames.get(expectation.metric, ()))


def _told(found: Metrics) -> str:
    return ", ".join(f"{name} {value}" for name, value in found.values.items())


def _sampled(expectation: MetricExpected, end: End, expected: str) -> Finding:
    read = _SAMPLED[expectation.metric]
    values = [(value, each.t) for each in end.samples if (value := read(each)) is not None]
    if not values:
        what = "a value of it" if end.samples else "a sample"
        seen = f"the kernel of {called(end)} never told {what}"
        return Finding(passed=False, expected=expected, seen=seen)
    value, t = _picked(expectation.pick or "last", values)
    spell = elapsed if expectation.metric in _TIMES else str
    seen = f"{expectation.pick} {expectation.metric} {spell(value)} at {seconds(t)}"
    told = f"{len(values)} samples, {spell(values[0][0])} first, {spell(values[-1][0])} last"
    return Finding(expectation.bounds.allows(value), expected, f"{seen}; {told}")


def _picked(pick: str, values: Sequence[tuple[int, int]]) -> tuple[int, int]:
    match pick:
        case "max":
            return max(values, key=lambda pair: pair[0])
        case "min":
            return min(values, key=lambda pair: pair[0])
        case "first":
            return values[0]
    return values[-1]
