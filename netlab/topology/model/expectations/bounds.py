"""How a file says between which values a quantity lies."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from netlab.topology import units
from netlab.topology.expectations import Bounds
from netlab.topology.hints import shown
from netlab.topology.model.base import in_words
from netlab.topology.model.expectations.base import Expected
from netlab.topology.model.fields import Duration

_COMPARED = re.compile(r"\s*(?P<comparison>==|<=|>=|<|>)\s*(?P<value>\S.*)", re.DOTALL)
_RANGE = re.compile(r"\s*(?P<low>\S.*?)\s+to\s+(?P<high>\S.*)", re.DOTALL)
_PACKETS = re.compile(r"\s*(?P<number>[0-9]{1,12}(\.[0-9]{1,9})?)\s*packets?/s\s*", re.ASCII)

Parse = Callable[[str], float]


def compared(value: Any, parse: Parse, example: str) -> Bounds:
    """The bounds of ``>= 5 Mbit/s`` or ``9 Mbit/s to 10 Mbit/s``; ValueError in words."""
    if not isinstance(value, str):
        raise ValueError(f"a bound looks like '{example}', not {shown(value)}")  # noqa: TRY004 - a user's value
    if match := _COMPARED.fullmatch(value):
        text = f"{match['comparison']} {match['value'].strip()}"
        return _one_sided(match["comparison"], parse(match["value"]), text)
    if match := _RANGE.fullmatch(value):
        return ranged(parse(match["low"]), parse(match["high"]), " ".join(value.split()))
    raise ValueError(f"a bound looks like '{example}', not {shown(value)}")


def number(text: str) -> float:
    if not re.fullmatch(r"\s*[0-9]{1,12}\s*", text, re.ASCII):
        raise ValueError(f"{shown(text.strip())} is no whole number")
    return int(text)


def nanoseconds(text: str) -> float:
    """Of a duration."""
    return round(units.duration(text) * 1e9)


def _one_sided(comparison: str, value: float, text: str) -> Bounds:
    return {
        "==": Bounds(text, value, value),
        "<": Bounds(text, high=value, includes_high=False),
        "<=": Bounds(text, high=value),
        ">": Bounds(text, low=value, includes_low=False),
        ">=": Bounds(text, low=value),
    }[comparison]


def ranged(low: float, high: float, text: str) -> Bounds:
    """ValueError in words when nothing can lie between."""
    if low > high:
        raise ValueError(f"nothing lies in {text}: the smaller value comes first")
    return Bounds(text, low, high)


def speed(value: Any) -> tuple[float, bool]:
    """``10 Mbit/s`` or ``100 packets/s``, and whether it is one of packets."""
    match = _PACKETS.fullmatch(value) if isinstance(value, str) else None
    if match:
        return float(match["number"]), True
    try:
        return units.rate(value), False
    except ValueError as error:
        raise ValueError(f"{error}, or 100 packets/s") from None


def _pair(parse: Callable[[Any], Any], example: str) -> Callable[[Any], tuple[Any, Any]]:
    def both(value: Any) -> tuple[Any, Any]:
        if not isinstance(value, list) or len(value) != 2:
            raise ValueError(f"takes the smallest and the largest value, such as {example}")
        return parse(value[0]), parse(value[1])

    return both


def _fraction(value: Any) -> float:
    return units.percentage(value)


_TEXT = {"type": "string"}
_DURATION = {"type": "string", "pattern": units.DURATION_PATTERN}
_PERCENTAGE = {"type": "string", "pattern": units.PERCENTAGE_PATTERN}


def _pair_schema(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item, "minItems": 2, "maxItems": 2}


Durations = Annotated[
    tuple[float, float],
    PlainValidator(in_words(_pair(units.duration, "[180ms, 220ms]"))),
    WithJsonSchema(_pair_schema(_DURATION)),
]
Speed = Annotated[tuple[float, bool], PlainValidator(in_words(speed)), WithJsonSchema(_TEXT)]
Speeds = Annotated[
    tuple[tuple[float, bool], tuple[float, bool]],
    PlainValidator(in_words(_pair(speed, "[9 Mbit/s, 10 Mbit/s]"))),
    WithJsonSchema(_pair_schema(_TEXT)),
]
Percentage = Annotated[float, PlainValidator(in_words(_fraction)), WithJsonSchema(_PERCENTAGE)]


class TimeBounds(Expected):
    """One of ``under``, ``at_least``, ``between`` and ``near`` says how long it takes."""

    under: Duration | None = None
    at_least: Duration | None = None
    between: Durations | None = None
    """The shortest and the longest time, both allowed."""

    near: Duration | None = None
    """So long, give or take ``tolerance``."""

    tolerance: Percentage | None = None
    """How far from ``near``; 10%, when not given."""


class SpeedBounds(Expected):
    """One of ``under``, ``at_least``, ``between`` and ``near`` says how fast it is."""

    under: Speed | None = None
    at_least: Speed | None = None
    between: Speeds | None = None
    """The lowest and the highest rate, both allowed."""

    near: Speed | None = None
    """This rate, give or take ``tolerance``."""

    tolerance: Percentage | None = None
    """How far from ``near``; 10%, when not given."""
