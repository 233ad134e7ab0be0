"""Much at once: transfers, full buffers, many connections, floods."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, PlainValidator, Tag, WithJsonSchema

from netlab.topology import units
from netlab.topology.model.base import Model, in_words
from netlab.topology.model.fields import (
    Duration,
    Label,
    Network,
    NodeName,
    Size,
    Text,
    whole_number,
)
from netlab.topology.model.options import Options
from netlab.topology.model.payload import Outgoing
from netlab.topology.model.steps.base import Timed

_COUNT = whole_number(1, 100_000, "a count")
_FREQUENCY = {"type": "string", "pattern": units.FREQUENCY_PATTERN, "examples": ["100/s"]}

Frequency = Annotated[float, PlainValidator(in_words(units.frequency)), WithJsonSchema(_FREQUENCY)]


class Transfer(Timed):
    node: NodeName | None = None
    transfer: Size
    """How much is sent, before FIN; what comes back is read to its end."""

    over: Label


class Fill(Timed):
    node: NodeName | None = None
    fill: Label
    """The connection that is written to without waiting, until its buffer is full."""

    by: Size = 1000
    """How much is written at once."""


class ManyConnections(Options):
    connect: Text
    """The transport and the peer: ``tcp server:7``."""

    count: Annotated[int, *_COUNT]
    send: Outgoing | None = None
    receive: Size = 0
    times: Annotated[int, *whole_number(1, 1_000_000, "'times'")] = 1
    """How often each sends and receives."""

    hold: Duration = 0.0
    """How long each stays connected after that."""

    rate: Frequency | None = None
    """How many are opened a second; all at once, when not given."""

    within: Duration = 5.0
    """How long opening one may take, and each exchange."""


class Many(Timed):
    node: NodeName
    many: ManyConnections
    name: Label | None = Field(default=None, alias="as")
    """How expectations call them together; one of them is called ``crowd.17``."""


class Syns(Model):
    syn: Text
    """The host and port that get the SYNs: ``server:7``."""

    count: Annotated[int, *_COUNT]
    sources: Network = Field(alias="from")
    """The subnet whose addresses they seem to come from."""

    rate: Frequency | None = None


class Flood(Timed):
    node: NodeName
    flood: Syns
    name: Label | None = Field(default=None, alias="as")


TRAFFIC_VERBS = ("transfer", "fill", "many", "flood")

TrafficStep = (
    Annotated[Transfer, Tag("transfer")]
    | Annotated[Fill, Tag("fill")]
    | Annotated[Many, Tag("many")]
    | Annotated[Flood, Tag("flood")]
)
