"""Near misses: the packets that come closest to an expression, and what they lack of it."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from netlab.scenario.judges.clauses import clauses
from netlab.scenario.judges.view import Seen
from netlab.wire import address
from netlab.wire.fields import Field, Kind, Subject, Value, find
from netlab.wire.filter import Filter

#: How many packets a failure names.
SHOWN = 3

_COMPARED = re.compile(
    r"\s*(?P<name>[a-z][a-z0-9_.]*)\s*(==|<=|>=|<|>)\s*(?P<number>0x[0-9a-fA-F]+|0|[1-9][0-9]*)\s*"
)
_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|[A-Za-z][A-Za-z0-9_.]*')
_LONGEST = 40


def near_misses(expression: str, seen: Sequence[Seen]) -> Iterator[str]:
    """The packets that fail the fewest of the and-ed clauses, with their own values of these.

    One that matches no clause, or lacks the only field that is asked for, is not near.
    """
    parts = [Filter(clause) for clause in clauses(expression)]
    candidates = (_candidate(one, parts) for one in seen)
    near = (each for each in candidates if each is not None)
    for each in heapq.nsmallest(SHOWN, near, key=lambda each: each.distance):
        reasons = " and ".join(
            f"{part.expression}{_instead(part, each.one)}" for part in each.fails
        )
        yield f"near miss: {each.one} is not {reasons}"


@dataclass(frozen=True, slots=True)
class _Candidate:
    """``distance``: clauses failed, those of them whose fields it lacks twice; then how far off."""

    one: Seen
    fails: Sequence[Filter]
    distance: tuple[int, float]


def _candidate(one: Seen, parts: Sequence[Filter]) -> _Candidate | None:
    fails = [part for part in parts if not part.matches(one.subject)]
    lacking = sum(not _has_values(part, one) for part in fails)
    if not fails or (len(fails) == len(parts) and not _is_near_alone(one, parts)):
        return None
    off = sum(_distance(part, one) for part in fails)
    return _Candidate(one, fails, (len(fails) + lacking, off))


def _has_values(part: Filter, one: Seen) -> bool:
    return any(field.get(one.subject) for _, field in _fields(part.expression))


def _is_near_alone(one: Seen, parts: Sequence[Filter]) -> bool:
    """Whether the only thing asked for has another value; a flag cannot be missed narrowly."""
    return len(parts) == 1 and any(
        field.kind is not Kind.FLAG and field.get(one.subject)
        for _, field in _fields(parts[0].expression)
    )


def _distance(part: Filter, one: Seen) -> float:
    """How far a number is from the one it is compared with, in parts of that."""
    match = _COMPARED.fullmatch(part.expression)
    field = find(match["name"]) if match else None
    if match is None or field is None or field.kind is not Kind.NUMBER:
        return 0.0
    wanted = int(match["number"], 0)
    values = [value for value in field.get(one.subject) if isinstance(value, int)]
    return min((abs(value - wanted) / max(wanted, 1) for value in values), default=1.0)


def _instead(part: Filter, one: Seen) -> str:
    """The packet's own values of the fields of a clause."""
    values = [_value(name, field, one.subject) for name, field in _fields(part.expression)]
    return f" ({', '.join(values)})" if values else ""


def _fields(expression: str) -> Iterator[tuple[str, Field]]:
    for name in dict.fromkeys(_WORD.findall(expression)):
        field = find(name)
        if field is not None and field.kind is not Kind.PROTOCOL:
            yield name, field


def _value(name: str, field: Field, subject: Subject) -> str:
    found = field.get(subject)
    if not found:
        return f"it has no {name}"
    if field.kind is Kind.FLAG:
        return f"{name} was {'set' if any(found) else 'not set'}"
    return f"{name} was {' and '.join(_plain(value, field) for value in found)}"


def _plain(value: Value, field: Field) -> str:
    if not isinstance(value, bytes):
        return str(int(value)) if isinstance(value, int) else value
    if field.kind is Kind.ADDRESS:
        return address.to_text(value)
    text = repr(value)[1:]
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
