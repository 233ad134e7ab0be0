"""What a lab must show. The key that names the verb decides which expectation it is."""

from __future__ import annotations

import errno
import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Field, PlainValidator, Tag, WithJsonSchema

from netlab.topology import units
from netlab.topology.expectations import Count
from netlab.topology.hints import did_you_mean, shown
from netlab.topology.model.base import Model, ShortForm, in_words, refuse
from netlab.topology.model.fields import (
    Duration,
    Flag,
    Label,
    NodeName,
    Size,
    Text,
    matching,
    whole_number,
)
from netlab.topology.model.steps.base import AMoment
from netlab.topology.model.verbs import one_verb, verb_of
from netlab.wire.states import TCP_STATES

_STATES = tuple(dict.fromkeys(TCP_STATES.values()))
_ERRNOS = tuple(sorted(errno.errorcode.values()))
_COUNT = re.compile(r"\s*(?P<comparison>==|!=|<=|>=|<|>)\s*(?P<number>[0-9]{1,9})\s*", re.ASCII)
_END = matching(
    r"[A-Za-z][A-Za-z0-9_-]{0,39}(@[a-z][a-z0-9-]{0,39})?",
    "is no end of a connection, such as 'first' or 'first@server'",
)


def state(value: Any) -> str:
    """A state of RFC 9293 section 3.3.2; ``SYN-SENT`` as the RFC has it will do."""
    name = value.upper().replace("-", "_") if isinstance(value, str) else ""
    if name not in _STATES:
        near = did_you_mean(name, _STATES)
        raise ValueError(f"{shown(value)} is no TCP state" + (f" ({near})" if near else ""))
    return name


def _count(value: Any) -> Count:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9:
        return Count("==", value)
    match = _COUNT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"a count looks like 0 or '>= 1', not {shown(value)}")
    return Count(match["comparison"], int(match["number"]))


def _errno(value: Any) -> str | None:
    if value == "none":
        return None
    if value not in _ERRNOS:
        near = did_you_mean(value, _ERRNOS) if isinstance(value, str) else ""
        advice = f" ({near})" if near else ""
        raise ValueError(f"{shown(value)} is no errno of Linux, such as EMSGSIZE, or none{advice}")
    return str(value)


def _regex(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"a regular expression is text, not {shown(value)}")  # noqa: TRY004 - a user's value
    try:
        re.compile(value)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{shown(value)} is no regular expression: {error}") from None
    return value


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _size_alone(value: Any) -> Any:
    if isinstance(value, dict):
        return value
    if isinstance(value, str) and not units.is_size(value):
        raise refuse(f"takes a size such as 4000 bytes, or {{text: …}}, not {shown(value)}")
    return {"bytes": value}


_STRINGS = {"type": "array", "items": {"type": "string"}, "minItems": 1}
_COUNT_SCHEMA = {
    "anyOf": [
        {"type": "integer", "minimum": 0},
        {"type": "string", "pattern": r"^\s*(==|!=|<=|>=|<|>)\s*[0-9]{1,9}\s*$"},
    ]
}
_SHA256 = matching("[0-9a-f]{64}", "is no SHA-256 in 64 lower-case hexadecimal digits")

EndName = Annotated[str, PlainValidator(in_words(_END)), WithJsonSchema({"type": "string"})]
State = Annotated[
    str,
    PlainValidator(in_words(state)),
    WithJsonSchema({"enum": [*_STATES, *(s.replace("_", "-") for s in _STATES if "_" in s)]}),
]
AnErrno = Annotated[
    str | None, PlainValidator(in_words(_errno)), WithJsonSchema({"enum": [*_ERRNOS, "none"]})
]
Regex = Annotated[str, PlainValidator(in_words(_regex)), WithJsonSchema({"type": "string"})]
ACount = Annotated[Count, PlainValidator(in_words(_count)), WithJsonSchema(_COUNT_SCHEMA)]
Sha256 = Annotated[
    str,
    PlainValidator(in_words(_SHA256)),
    WithJsonSchema({"type": "string", "pattern": "^[0-9a-f]{64}$"}),
]
Sent = Annotated[
    str,
    *(
        (
            PlainValidator(in_words(matching("sent", "cannot be; only 'sent' can"))),
            WithJsonSchema({"const": "sent"}),
        )
    ),
]
Texts = Annotated[tuple[Text, ...], Field(min_length=1), ShortForm(None, _as_list)]


class Expected(Model):
    fact: Text | None = None
    """The sentence by which the report calls it."""

    within: Duration = 5.0
    """How long after the scenario's end it may still come true."""


class States(Expected):
    states: dict[EndName, Annotated[tuple[State, ...], Field(min_length=1)]]
    """The states that the end of a connection goes through: ``first`` or ``first@server``."""


class Packets(Expected):
    packets: Texts
    """A packet expression, or several that match in this order."""

    count: ACount | None = None
    """How many packets match, such as 0 or ``>= 1``."""

    exact: Flag = False
    """No other packets between them."""

    at: Text | None = None
    """Where the packets are looked at: ``node`` or ``node:interface``."""

    over: Label | None = None
    """Only the packets of this connection."""


class Sockets(Expected):
    sockets: dict[NodeName, Texts]
    """A node's sockets as ``{local, foreign} STATE``."""

    at: AMoment | None = None
    """When; at the scenario's end, when not given."""

    only: Flag = False
    """The node has no others."""


class Errno(Expected):
    errno: dict[Label, AnErrno]
    """The error that an operation on a connection failed with, or none."""


class Bytes(Model):
    size: Size | None = Field(default=None, alias="bytes")
    sha256: Sha256 | None = None
    text: Text | None = None
    equals: Sent | None = None
    """``sent``: what came back is what was sent."""


class Received(Expected):
    received: dict[
        Label,
        Annotated[Bytes, ShortForm({"type": "string", "pattern": units.SIZE_PATTERN}, _size_alone)],
    ]


class ExitCode(Expected):
    exit: dict[Label, Annotated[int, *whole_number(0, 255, "an exit code")]]


class Output(Expected):
    output: dict[Label, Regex]
    """A regular expression that a program's output has somewhere."""


EXPECTATIONS = ("states", "packets", "sockets", "errno", "received", "exit", "output")

AnyExpectation = Annotated[
    Annotated[States, Tag("states")]
    | Annotated[Packets, Tag("packets")]
    | Annotated[Sockets, Tag("sockets")]
    | Annotated[Errno, Tag("errno")]
    | Annotated[Received, Tag("received")]
    | Annotated[ExitCode, Tag("exit")]
    | Annotated[Output, Tag("output")],
    Discriminator(verb_of(EXPECTATIONS)),
    BeforeValidator(one_verb(EXPECTATIONS, "an expectation", "{packets: tcp.flags.rst, count: 0}")),
]
