"""The states that an end of a connection goes through."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, PlainValidator, Tag, WithJsonSchema

from netlab.topology.hints import did_you_mean, shown
from netlab.topology.model.base import in_words
from netlab.topology.model.expectations.base import EndName, Expected, Windowed
from netlab.wire.states import TCP_STATES

_STATES = tuple(dict.fromkeys(TCP_STATES.values()))


def state(value: Any) -> str:
    """A state of RFC 9293 section 3.3.2; ``SYN-SENT`` as the RFC has it will do."""
    name = value.upper().replace("-", "_") if isinstance(value, str) else ""
    if name not in _STATES:
        near = did_you_mean(name, _STATES)
        raise ValueError(f"{shown(value)} is no TCP state" + (f" ({near})" if near else ""))
    return name


State = Annotated[
    str,
    PlainValidator(in_words(state)),
    WithJsonSchema({"enum": [*_STATES, *(s.replace("_", "-") for s in _STATES if "_" in s)]}),
]


class States(Expected, Windowed):
    states: dict[EndName, Annotated[tuple[State, ...], Field(min_length=1)]]
    """The states that the end of a connection goes through: ``first`` or ``first@server``."""


STATE_VERBS = ("states",)
StateExpectation = Annotated[States, Tag("states")]
