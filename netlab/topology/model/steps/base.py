"""What all steps have: when they start and how long they may take."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from netlab.topology import units
from netlab.topology.hints import did_you_mean, one_of, shown
from netlab.topology.model.base import Model, in_words
from netlab.topology.model.fields import AStack, Duration
from netlab.topology.steps import EVENTS, Moment


def moment(value: Any) -> Moment:
    """The moment written ``first established``; ValueError in words."""
    words = value.split() if isinstance(value, str) else []
    if len(words) != 2:
        raise ValueError(f"a moment looks like 'first established', not {shown(value)}")
    name, event = words
    if event not in EVENTS:
        near = did_you_mean(event, EVENTS) or f"there are {one_of(EVENTS)}"
        raise ValueError(f"{shown(event)} is no event ({near})")
    return Moment(name, event)


def duration_or_true(value: Any) -> float | None:
    if value is True:
        return None
    if value is False:
        raise ValueError("takes true or a duration such as 2s")
    return units.duration(value)


_MOMENT = {"type": "string", "pattern": f"^\\s*\\S+\\s+({'|'.join(EVENTS)})\\s*$"}
_DURATION_OR_TRUE = {"anyOf": [{"type": "string"}, {"const": True}]}

AMoment = Annotated[Moment, PlainValidator(in_words(moment)), WithJsonSchema(_MOMENT)]
DurationOrTrue = Annotated[
    float | None,
    PlainValidator(in_words(duration_or_true)),
    WithJsonSchema(_DURATION_OR_TRUE),
]


class Timed(Model):
    at: Duration | None = None
    """The step starts so long after the scenario began."""

    after: AMoment | None = None
    """The step starts when this has happened, such as ``first established``."""

    wait: Duration = 0.0
    """The step starts so much later."""

    within: Duration = 10.0
    """How long the step may take."""

    stack: AStack | None = None
    """Whose TCP/IP the step is about: it is left out where the node speaks another."""
