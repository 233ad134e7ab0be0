"""What the run's events say."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import PlainValidator, Tag, WithJsonSchema

from netlab.topology import units
from netlab.topology.expectations import Condition
from netlab.topology.hints import did_you_mean, one_of, shown
from netlab.topology.model.base import in_words
from netlab.topology.model.expectations.base import ACount, Expected
from netlab.topology.model.fields import Text

#: docs/events.md has what they carry.
KINDS = ("service", "step", "op", "process", "program", "state", "link", "node", "notice")

_FIELD = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*", re.ASCII)
_COMPARED = re.compile(r"\s*(?P<comparison>==|!=|<=|>=|<|>)\s*(?P<value>.+?)\s*", re.ASCII)


def _conditions(value: Any) -> tuple[Condition, ...]:
    if not isinstance(value, dict):
        raise ValueError(f"'events' takes a mapping such as {{kind: op, …}}, not {shown(value)}")  # noqa: TRY004 - a user's value
    if "kind" not in value:
        raise ValueError(f"'events' needs the kind of the events: {one_of(KINDS)}")
    kind = value["kind"]
    if kind not in KINDS:
        near = did_you_mean(kind, KINDS) if isinstance(kind, str) else ""
        advice = near or f"there are {one_of(KINDS)}"
        raise ValueError(f"{shown(kind)} is no kind of event ({advice})")
    return tuple(_condition(str(field), wanted) for field, wanted in value.items())


def _condition(field: str, wanted: Any) -> Condition:
    if not _FIELD.fullmatch(field):
        raise ValueError(f"{shown(field)} is no field of an event, such as op or options.mss")
    if not isinstance(wanted, str | int | float | None):
        raise ValueError(f"{shown(wanted)} is nothing that {field} can be")  # noqa: TRY004 - a user's value
    match = _COMPARED.fullmatch(wanted) if isinstance(wanted, str) else None
    if match is None:
        return Condition(field, "==", wanted)
    return Condition(field, match["comparison"], _operand(match["comparison"], match["value"]))


def _operand(comparison: str, text: str) -> str | int:
    """A number, a duration in nanoseconds, a size in bytes; without order a text will do."""
    if re.fullmatch("[0-9]{1,18}", text, re.ASCII):
        return int(text)
    if units.is_size(text):
        return units.size(text)
    try:
        return round(units.duration(text) * 1e9)
    except ValueError:
        if comparison in {"==", "!="}:
            return text
    raise ValueError(f"{comparison} compares numbers, durations and sizes, not {shown(text)}")


_SCHEMA = {
    "type": "object",
    "properties": {"kind": {"enum": list(KINDS)}},
    "required": ["kind"],
    "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
}

Conditions = Annotated[
    tuple[Condition, ...], PlainValidator(in_words(_conditions)), WithJsonSchema(_SCHEMA)
]


class Events(Expected):
    events: Conditions
    """Fields of events and their values: ``{kind: op, conn: first, took: "< 100ms"}``."""

    count: ACount | None = None
    """How many events there are; at least one, when not given."""

    distinct: Text | None = None
    """Count the different values of this field."""


EVENT_VERBS = ("events",)
EventExpectation = Annotated[Events, Tag("events")]
