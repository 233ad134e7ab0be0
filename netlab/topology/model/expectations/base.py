"""What all expectations have: a name, a deadline, and how much there may be."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema

from netlab.topology.expectations import Count
from netlab.topology.hints import shown
from netlab.topology.model.base import Model, ShortForm, in_words
from netlab.topology.model.fields import AStack, Duration, Text, matching
from netlab.topology.model.steps.base import AMoment

_COUNT = re.compile(r"\s*(?P<comparison>==|!=|<=|>=|<|>)\s*(?P<number>[0-9]{1,9})\s*", re.ASCII)
_END = matching(
    r"[A-Za-z][A-Za-z0-9_-]{0,39}(@[a-z][a-z0-9-]{0,39})?",
    "is no end of a connection, such as 'first' or 'first@server'",
)


def _count(value: Any) -> Count:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9:
        return Count("==", value)
    match = _COUNT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"a count looks like 0 or '>= 1', not {shown(value)}")
    return Count(match["comparison"], int(match["number"]))


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


_COUNT_SCHEMA = {
    "anyOf": [
        {"type": "integer", "minimum": 0},
        {"type": "string", "pattern": r"^\s*(==|!=|<=|>=|<|>)\s*[0-9]{1,9}\s*$"},
    ]
}

EndName = Annotated[str, PlainValidator(in_words(_END)), WithJsonSchema({"type": "string"})]
ACount = Annotated[Count, PlainValidator(in_words(_count)), WithJsonSchema(_COUNT_SCHEMA)]
Texts = Annotated[tuple[Text, ...], Field(min_length=1), ShortForm(None, _as_list)]
PerhapsTexts = Annotated[tuple[Text, ...], ShortForm(None, _as_list)]


class Windowed(Model):
    """What is judged on a part of the run only."""

    after: AMoment | None = None
    """Only what comes after this has happened, such as ``first established``."""

    before: AMoment | None = None
    """Only what comes before this has happened."""


class Expected(Model):
    fact: Text | None = None
    """The sentence by which the report calls it."""

    within: Duration = 5.0
    """How long after the scenario's end it may still come true."""

    stack: AStack | None = None
    """Whose TCP/IP it is about: it is left out where any node speaks another."""
