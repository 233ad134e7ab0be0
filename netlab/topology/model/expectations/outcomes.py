"""What operations and programs come to: errnos, data, exit codes."""

from __future__ import annotations

import errno
import re
from typing import Annotated, Any

from pydantic import Field, PlainValidator, Tag, WithJsonSchema

from netlab.topology import units
from netlab.topology.hints import did_you_mean, shown
from netlab.topology.model.base import Model, ShortForm, in_words, refuse
from netlab.topology.model.expectations.base import Expected
from netlab.topology.model.fields import Label, Size, Text, matching, whole_number

#: Every name of the module: EOPNOTSUPP is ENOTSUP, and EWOULDBLOCK is EAGAIN.
_NUMBERS = {name: number for name, number in vars(errno).items() if name.startswith("E")}
_ERRNOS = tuple(sorted(_NUMBERS))


def _errno(value: Any) -> str | None:
    if value == "none":
        return None
    if value not in _ERRNOS:
        near = did_you_mean(value, _ERRNOS) if isinstance(value, str) else ""
        advice = f" ({near})" if near else ""
        raise ValueError(f"{shown(value)} is no errno of Linux, such as EMSGSIZE, or none{advice}")
    return errno.errorcode[_NUMBERS[str(value)]]


def _regex(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"a regular expression is text, not {shown(value)}")  # noqa: TRY004 - a user's value
    try:
        re.compile(value)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{shown(value)} is no regular expression: {error}") from None
    return value


def _size_alone(value: Any) -> Any:
    if isinstance(value, dict):
        return value
    if isinstance(value, str) and not units.is_size(value):
        raise refuse(f"takes a size such as 4000 bytes, or {{text: …}}, not {shown(value)}")
    return {"bytes": value}


_SHA256 = matching("[0-9a-f]{64}", "is no SHA-256 in 64 lower-case hexadecimal digits")
_SENT = matching("sent", "cannot be; only 'sent' can")

AnErrno = Annotated[
    str | None, PlainValidator(in_words(_errno)), WithJsonSchema({"enum": [*_ERRNOS, "none"]})
]
Regex = Annotated[str, PlainValidator(in_words(_regex)), WithJsonSchema({"type": "string"})]
Sha256 = Annotated[
    str,
    PlainValidator(in_words(_SHA256)),
    WithJsonSchema({"type": "string", "pattern": "^[0-9a-f]{64}$"}),
]
Sent = Annotated[str, PlainValidator(in_words(_SENT)), WithJsonSchema({"const": "sent"})]


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


OUTCOME_VERBS = ("errno", "received", "exit", "output")
OutcomeExpectation = (
    Annotated[Errno, Tag("errno")]
    | Annotated[Received, Tag("received")]
    | Annotated[ExitCode, Tag("exit")]
    | Annotated[Output, Tag("output")]
)
