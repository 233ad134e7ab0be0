"""Judges how long things took: from one to another, on the way, and one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from netlab.scenario.judges.evidence import Evidence, Finding, Window, elapsed, seconds
from netlab.scenario.judges.near import SHOWN, near_misses
from netlab.scenario.judges.view import Seen, arrows, first_seen, transits, view
from netlab.topology.expectations import Bounds, DelayExpected, IntervalsExpected, TimeExpected
from netlab.topology.steps import Moment
from netlab.wire.filter import Filter

_SECOND = 1_000_000_000


def judge_time(expectation: TimeExpected, evidence: Evidence) -> Finding:
    expected = f"{expectation.bounds} from {expectation.start} to {expectation.end}"
    everything = Window(float("-inf"), evidence.deadline(expectation))
    packets = view(evidence, everything, at=expectation.at, connection=expectation.connection)
    start = _instant(expectation.start, packets, evidence, after=None)
    if start is None:
        return _missing(expectation.start, packets, expected)
    begin, first = start
    end = _instant(expectation.end, packets, evidence, after=start)
    if end is None:
        later = [one for one in packets if one.sighting.t >= begin and one is not first]
        return _missing(expectation.end, later, expected, after=_told(start, expectation.start))
    took = end[0] - begin
    lines = [
        elapsed(took),
        f"from {_told(start, expectation.start)}",
        f"to {_told(end, expectation.end)}",
    ]
    frames = tuple(one.sighting.number for _, one in (start, end) if one is not None)
    passed = expectation.bounds.allows(took / _SECOND)
    if not passed:
        lines[0] += f", {_missed(expectation.bounds, took)}"
    return Finding(passed, expected, "\n".join(lines), frames)


_Instant = tuple[int, Seen | None]


def _instant(
    wanted: Moment | str, packets: Sequence[Seen], evidence: Evidence, after: _Instant | None
) -> _Instant | None:
    """When the moment came, or the first packet that matches behind the one of ``after``."""
    if isinstance(wanted, Moment):
        t = evidence.moment(wanted)
        return None if t is None else (t, None)
    expression = Filter(wanted)
    begin, before = after or (None, None)
    passed = before is None
    for one in packets:
        if (
            passed
            and (begin is None or one.sighting.t >= begin)
            and expression.matches(one.subject)
        ):
            return one.sighting.t, one
        passed = passed or one is before
    return None


def _missing(
    wanted: Moment | str, packets: Sequence[Seen], expected: str, after: str = ""
) -> Finding:
    if isinstance(wanted, Moment):
        return Finding(passed=False, expected=expected, seen=f"{wanted} never came")
    behind = f" after {after}" if after else ""
    lines = [f"no packet{behind} matches: {wanted}", *near_misses(wanted, packets)]
    return Finding(passed=False, expected=expected, seen="\n".join(lines))


def _told(instant: _Instant, wanted: Moment | str) -> str:
    t, one = instant
    return f"{wanted} at {seconds(t)}" if one is None else str(one)


def _missed(bounds: Bounds, nanoseconds: float) -> str:
    by = bounds.missed_by(nanoseconds / _SECOND) * _SECOND
    return f"{elapsed(abs(by))} too {'long' if by >= 0 else 'short'}"


def judge_delay(expectation: DelayExpected, evidence: Evidence) -> Finding:
    window, wanted = evidence.window(expectation), Filter(expectation.expression)
    arrow = arrows(evidence)
    took = [
        (transit.received.t - transit.sent.t, seen)
        for transit in transits(evidence, expectation.connection)
        if transit.sent and transit.received and transit.sent.t in window
        if wanted.matches((seen := first_seen(transit, arrow(transit))).subject)
    ]
    expected = f"each {expectation.bounds} on its way: {expectation.expression}"
    if not took:
        return Finding(passed=False, expected=expected, seen="no packet that matches arrived")
    times = sorted(nanoseconds for nanoseconds, _ in took)
    wrong = [each for each in took if not expectation.bounds.allows(each[0] / _SECOND)]
    median = elapsed(times[len(times) // 2])
    spread = f"{elapsed(times[0])} to {elapsed(times[-1])} (median {median})"
    lines = [f"{len(took)} arrived, after {spread}"]
    lines += [
        f"{one}: {elapsed(time)}, {_missed(expectation.bounds, time)}"
        for time, one in wrong[:SHOWN]
    ]
    shown = wrong or took
    frames = tuple(one.sighting.number for _, one in shown[:SHOWN])
    return Finding(not wrong, expected, "\n".join(lines), frames)


def judge_intervals(expectation: IntervalsExpected, evidence: Evidence) -> Finding:
    seen = view(
        evidence,
        evidence.window(expectation),
        at=expectation.at,
        connection=expectation.connection,
    )
    wanted = Filter(expectation.expression)
    matching = [one for one in seen if wanted.matches(one.subject)]
    gaps = [later.sighting.t - one.sighting.t for one, later in pairwise(matching)]
    bounds = expectation.bounds
    if len(bounds) == 1 and gaps:
        bounds *= len(gaps)
    lengths = ", ".join(map(str, expectation.bounds))
    expected = f"{lengths} between: {expectation.expression}"
    wrong = [
        (place, f"the {_ordinal(place + 1)} is {elapsed(gap)}, {_missed(bound, gap)} for {bound}")
        for place, (gap, bound) in enumerate(zip(gaps, bounds, strict=False))
        if not bound.allows(gap / _SECOND)
    ]
    lines = [_intervals(matching, gaps)]
    lines += [text for _, text in wrong[:SHOWN]]
    if len(gaps) < len(bounds):
        lines.append(f"there are {len(gaps)} intervals, not {len(bounds)}")
        if not matching:
            lines += near_misses(expectation.expression, seen)
    passed = not wrong and len(gaps) >= len(bounds)
    return Finding(
        passed, expected, "\n".join(lines), tuple(one.sighting.number for one in matching)
    )


def _intervals(matching: Sequence[Seen], gaps: Sequence[int]) -> str:
    if not gaps:
        return f"{len(matching)} packet{'' if len(matching) == 1 else 's'} matched"
    numbers = f"frames {matching[0].sighting.number} to {matching[-1].sighting.number}"
    if len(gaps) > 2 * SHOWN:
        ordered = sorted(gaps)
        middle = elapsed(ordered[len(ordered) // 2])
        return (
            f"{len(gaps)} intervals, {elapsed(ordered[0])} to {elapsed(ordered[-1])}"
            f" (median {middle}), {numbers}"
        )
    return f"{', '.join(map(elapsed, gaps))} ({numbers})"


def _ordinal(number: int) -> str:
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(number if number < 20 else number % 10, "th")
    return f"{number}{suffix}"
