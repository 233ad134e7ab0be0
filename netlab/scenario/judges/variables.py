"""Judges what the control block of an end says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from operator import eq, ge, gt, le, lt

from netlab.analyse.control_blocks import relative
from netlab.analyse.model import Connection, ControlBlock, End
from netlab.scenario.judges.ends import called, judge_ends, that_failed
from netlab.scenario.judges.evidence import Evidence, Finding, MissingMoment, elapsed, seconds
from netlab.stack.tcp.variables import VARIABLES, Kind
from netlab.topology.expectations import Claim, VariablesExpected

_SIGNS: dict[str, Callable[[int, int], bool]] = {"==": eq, "<=": le, ">=": ge, "<": lt, ">": gt}

#: Whether a value may follow another.
_NEVER: dict[str, Callable[[int, int], bool]] = {"falls": ge, "rises": le, "changes": eq}

#: A segment changes what is told this long after it, at most: ns.
_BESIDE = 1_000_000


@dataclass(frozen=True, slots=True)
class _Value:
    """What a variable was from ``t`` on, and what the one was that it is compared with."""

    t: int
    value: int
    other: int | None = None


def judge_variables(expectation: VariablesExpected, evidence: Evidence) -> Finding:
    claim, name = expectation.claim, expectation.connection
    place = f" at {expectation.node}" if expectation.node else ""
    at = f", at {expectation.at}" if expectation.at else ""
    expected = f"{claim.text} of {name}{place}{at}"

    def judge(connection: Connection, end: End) -> Finding:
        return _judge(expectation, evidence, connection, end, expected)

    return that_failed(judge_ends(expectation, evidence, expected, judge))


def _judge(
    expectation: VariablesExpected,
    evidence: Evidence,
    connection: Connection,
    end: End,
    expected: str,
) -> Finding:
    if not end.variables:
        return Finding(
            passed=False,
            expected=expected,
            seen=f"{called(end)} told nothing of its control block: only a"
            " node on netlab's own stack does ('stack: user')",
        )
    claim = expectation.claim
    values = _values(claim, _during(expectation, evidence, end.variables))
    if not values:
        is_timer = VARIABLES[claim.variable].kind is Kind.TIMER
        seen = f"{claim.variable} {'was off' if is_timer else 'meant nothing'} then"
        return Finding(passed=False, expected=expected, seen=seen)
    passed, shown = _decide(claim, values)
    seen = "; ".join([" then ".join(_told(claim, each) for each in shown), _course(claim, values)])
    frames = [_frame(connection, end, each.t) for each in shown]
    return Finding(passed, expected, seen, tuple(frame for frame in frames if frame is not None))


def _values(claim: Claim, blocks: Sequence[ControlBlock]) -> list[_Value]:
    """The variable's history, as far as it means something."""
    variable = VARIABLES[claim.variable]
    other = VARIABLES[claim.other] if claim.other else None
    found = []
    for block in blocks:
        value = relative(block, variable)
        if claim.is_switch:
            value = int(value is not None)
        compared = relative(block, other) if other else None
        if value is not None and (other is None or compared is not None):
            found.append(_Value(block.t, value, compared))
    return found


def _during(
    expectation: VariablesExpected, evidence: Evidence, blocks: Sequence[ControlBlock]
) -> list[ControlBlock]:
    """Those that hold at the moment or in the window: the first may be from before it."""
    if expectation.at is not None:
        moment = evidence.moment(expectation.at)
        if moment is None:
            raise MissingMoment(f"{expectation.at} never came")
        held = [each for each in blocks if each.t <= moment][-1:]
        runs_down = VARIABLES[expectation.claim.variable].kind is Kind.TIMER
        return [replace(each, t=moment) for each in held] if runs_down else held
    window = evidence.window(expectation)
    before = [each for each in blocks if each.t < window.begin][-1:]
    return before + [each for each in blocks if each.t in window]


def _decide(claim: Claim, values: Sequence[_Value]) -> tuple[bool, Sequence[_Value]]:
    """Whether it is so, and the values that show it or come nearest."""
    if claim.never is not None:
        may_follow = _NEVER[claim.never]
        for before, after in pairwise(values):
            if not may_follow(after.value, before.value):
                return False, (before, after)
        return True, (values[-1],)
    wrong = [each for each in values if not _is_so(claim, each)]
    right = [each for each in values if _is_so(claim, each)]
    match claim.pick:
        case "always":
            return not wrong, (wrong or values)[:1]
        case "ever":
            nearest = min(values, key=lambda each: _missed_by(claim, each))
            return bool(right), (right[0] if right else nearest,)
        case "max":
            picked = max(values, key=lambda each: each.value)
        case "min":
            picked = min(values, key=lambda each: each.value)
        case "first":
            picked = values[0]
        case _:
            picked = values[-1]
    return picked in right, (picked,)


def _is_so(claim: Claim, each: _Value) -> bool:
    if claim.sign is not None and each.other is not None:
        return _SIGNS[claim.sign](each.value, each.other)
    return claim.bounds is not None and claim.bounds.allows(each.value)


def _missed_by(claim: Claim, each: _Value) -> float:
    if each.other is not None:
        return abs(each.value - each.other)
    return abs(claim.bounds.missed_by(each.value)) if claim.bounds else 0.0


def _told(claim: Claim, each: _Value) -> str:
    other = f", {claim.other} {_spelled(claim, each.other)}" if each.other is not None else ""
    return f"{claim.variable} {_spelled(claim, each.value)}{other} at {seconds(each.t)}"


def _course(claim: Claim, values: Sequence[_Value]) -> str:
    changes = sum(before.value != after.value for before, after in pairwise(values))
    first, last = (_spelled(claim, each.value) for each in (values[0], values[-1]))
    return f"{first} first, {last} last, {changes} changes"


def _spelled(claim: Claim, value: int) -> str:
    if claim.is_switch:
        return "on" if value else "off"
    is_time = VARIABLES[claim.variable].kind in {Kind.TIME, Kind.TIMER}
    return elapsed(value) if is_time else str(value)


def _frame(connection: Connection, end: End, t: int) -> int | None:
    """The last segment that the end received or sent by then, if it can have made the change."""
    is_client = end is connection.client
    seen = (
        arrow.transit.sent if arrow.forward is is_client else arrow.transit.received
        for arrow in connection.arrows
    )
    near = [each for each in seen if each is not None and t - _BESIDE <= each.t <= t]
    return max(near, key=lambda each: (each.t, each.number)).number if near else None
