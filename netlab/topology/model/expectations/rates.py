"""How fast packets and data come."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, PlainValidator, Tag, WithJsonSchema

from netlab.topology import units
from netlab.topology.expectations import Bounds
from netlab.topology.model.base import Model, in_words
from netlab.topology.model.expectations.base import Expected, Windowed
from netlab.topology.model.expectations.bounds import SpeedBounds, compared
from netlab.topology.model.fields import Label, Text


def _goodput(value: Any) -> Bounds:
    return compared(value, units.rate, ">= 5 Mbit/s")


ARate = Annotated[Bounds, PlainValidator(in_words(_goodput)), WithJsonSchema({"type": "string"})]


class Stream(Model):
    packets: Text = Field(alias="of")
    """Which packets, as a packet expression."""

    at: Text | None = None
    """Where they are counted: ``node`` or ``node:interface``; at their sources, when not given."""

    over: Label | None = None
    """Only the packets of this connection."""


class Rate(SpeedBounds, Windowed):
    rate: Stream
    """Bits (of whole frames) or packets per second, from the first packet to the last."""


class Goodput(Expected):
    goodput: dict[Label, ARate]
    """Bits of data per second that a connection's operations carried, such as ``>= 5 Mbit/s``."""


RATE_VERBS = ("rate", "goodput")
RateExpectation = Annotated[Rate, Tag("rate")] | Annotated[Goodput, Tag("goodput")]
