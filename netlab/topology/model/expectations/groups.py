"""What many connections or operations have in common."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import Field, PlainValidator, Tag, WithJsonSchema

from netlab.topology import units
from netlab.topology.expectations import Bounds
from netlab.topology.hints import shown
from netlab.topology.model.base import Model, in_words
from netlab.topology.model.expectations.base import ACount, Expected
from netlab.topology.model.expectations.bounds import compared
from netlab.topology.model.expectations.outcomes import AnErrno
from netlab.topology.model.expectations.states import State
from netlab.topology.model.fields import Flag, Label, NodeName, Text, word_of
from netlab.topology.model.steps.base import AMoment

_STATISTIC = re.compile(r"min|mean|max|p[1-9][0-9]?", re.ASCII)
#: What `op` events of connections and sockets are called.
OPERATIONS = (
    *("connect", "open", "set", "send", "receive", "receive-datagram", "request", "shutdown"),
    *("close", "reset", "transfer", "fill", "many", "flood"),
    *("join", "leave", "multicast", "broadcast", "hear-errors"),
)
_END = word_of(("client", "server"), "'end'")


def _statistic(value: Any) -> str:
    if not isinstance(value, str) or not _STATISTIC.fullmatch(value):
        raise ValueError(f"{shown(value)} is none of min, mean, max and percentiles such as p99")
    return value


def _duration_bound(value: Any) -> Bounds:
    return compared(value, units.duration, "< 10ms")


_STATISTIC_SCHEMA = {"type": "string", "pattern": "^(min|mean|max|p[1-9][0-9]?)$"}

Statistic = Annotated[str, PlainValidator(in_words(_statistic)), WithJsonSchema(_STATISTIC_SCHEMA)]
Operation = Annotated[str, *word_of(OPERATIONS, "an operation")]
DurationBound = Annotated[
    Bounds, PlainValidator(in_words(_duration_bound)), WithJsonSchema({"type": "string"})
]


class Group(Model):
    name: Label | None = Field(default=None, alias="of")
    """A connection, or many that one step opened."""

    opener: NodeName | None = Field(default=None, alias="from")
    """The node that opened them."""

    to: Text | None = None
    """The peer: ``server`` or ``server:7``."""

    state: State | None = None
    """They are in this state ``at`` a moment; without one, they ever were."""

    end: Annotated[str, *_END] = "client"
    """Whose state it is: the opener's, or the peer's."""

    at: AMoment | None = None

    having: Text | None = Field(default=None, alias="with")
    """Some packet of theirs matches this expression."""

    without: Text | None = None
    """No packet of theirs matches this expression."""


class Connections(Expected):
    connections: Group
    """The connections that are all of this."""

    count: ACount | None = None
    """How many; at least one, when not given."""


class Done(Model):
    name: Label = Field(alias="of")
    """The connection, socket or many connections."""

    op: Operation | None = None
    """``connect``, ``request``, …; all operations, when not given."""

    failed: Flag | None = None
    """Only those that failed, or only those that did not."""

    errno: AnErrno | None = None
    """Only those that failed with this error."""


class Operations(Expected):
    operations: Done
    """The operations that are all of this."""

    count: ACount | None = None
    """How many."""

    took: dict[Statistic, DurationBound] | None = None
    """How long they took: ``min``, ``mean``, ``max`` or a percentile, such as ``p99: < 10ms``."""


GROUP_VERBS = ("connections", "operations")
GroupExpectation = (
    Annotated[Connections, Tag("connections")] | Annotated[Operations, Tag("operations")]
)
