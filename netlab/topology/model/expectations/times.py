"""How long something takes."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, PlainValidator, Tag, WithJsonSchema

from netlab.topology import units
from netlab.topology.model.base import Model, in_words
from netlab.topology.model.expectations.base import Expected, Windowed
from netlab.topology.model.expectations.bounds import Durations, Percentage, TimeBounds
from netlab.topology.model.fields import Duration, Label, Text


def _durations(value: Any) -> tuple[float, ...]:
    if not isinstance(value, list) or not value:
        return (units.duration(value),)
    return tuple(units.duration(each) for each in value)


_DURATION = {"type": "string", "pattern": units.DURATION_PATTERN}
_DURATIONS = {"anyOf": [_DURATION, {"type": "array", "items": _DURATION, "minItems": 1}]}

Several = Annotated[
    tuple[float, ...], PlainValidator(in_words(_durations)), WithJsonSchema(_DURATIONS)
]


class Span(Model):
    start: Text = Field(alias="from")
    """A moment such as ``first established``, or the first packet that this expression matches."""

    end: Text = Field(alias="to")
    """A later moment, or the next packet that this expression matches."""

    at: Text | None = None
    """Where packets are timed: ``node`` or ``node:interface``; at their sources, when not given."""

    over: Label | None = None
    """Only the packets of this connection."""


class Time(TimeBounds):
    time: Span
    """The time between two packets or moments."""


class Delay(TimeBounds, Windowed):
    delay: Text
    """How long each packet that this expression matches is on its way to its destination."""

    over: Label | None = None
    """Only the packets of this connection."""


class Intervals(Expected, Windowed):
    intervals: Text
    """The times between the packets that this expression matches, one after the other."""

    near: Several | None = None
    """So long each; a list has one for each of the first intervals."""

    tolerance: Percentage | None = None
    """How far from ``near``; 10%, when not given."""

    between: Durations | None = None
    """The shortest and the longest interval, both allowed."""

    under: Duration | None = None
    at_least: Duration | None = None

    at: Text | None = None
    """Where packets are timed: ``node`` or ``node:interface``; at their sources, when not given."""

    over: Label | None = None
    """Only the packets of this connection."""


TIME_VERBS = ("time", "delay", "intervals")
TimeExpectation = (
    Annotated[Time, Tag("time")]
    | Annotated[Delay, Tag("delay")]
    | Annotated[Intervals, Tag("intervals")]
)
