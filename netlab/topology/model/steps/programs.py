"""Processes and programs in a node."""

from __future__ import annotations

import signal
from typing import Annotated, Any

from pydantic import Field, PlainValidator, Tag, WithJsonSchema

from netlab.topology.hints import did_you_mean, shown
from netlab.topology.model.base import in_words
from netlab.topology.model.fields import Label, NodeName
from netlab.topology.model.steps.base import Timed

_SIGNALS = tuple(sorted(member.name for member in signal.Signals))


def _signal_name(value: Any) -> str:
    if value not in _SIGNALS:
        near = did_you_mean(value, _SIGNALS) if isinstance(value, str) else ""
        raise ValueError(
            f"{shown(value)} is no signal, such as SIGTERM" + (f" ({near})" if near else "")
        )
    return str(value)


def _argv(value: Any) -> tuple[str, ...]:
    if isinstance(value, str) and value.strip():
        return ("/bin/sh", "-c", value)
    if isinstance(value, list) and value and all(isinstance(word, str) for word in value):
        return tuple(value)
    raise ValueError(f"'exec' takes a command line or a list of texts, not {shown(value)}")


_ARGV = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]
}

Argv = Annotated[tuple[str, ...], PlainValidator(in_words(_argv)), WithJsonSchema(_ARGV)]
SignalName = Annotated[
    str, PlainValidator(in_words(_signal_name)), WithJsonSchema({"enum": list(_SIGNALS)})
]


class Exit(Timed):
    node: NodeName | None = None
    exit: Label
    """The child process that exits without closing its sockets."""


class Kill(Timed):
    node: NodeName | None = None
    kill: Label
    signal: SignalName = "SIGKILL"


class Exec(Timed):
    node: NodeName
    exec: Argv
    """A line for /bin/sh, or a list of words."""

    name: Label | None = Field(default=None, alias="as")


PROGRAM_VERBS = ("exit", "kill", "exec")

ProgramStep = (
    Annotated[Exit, Tag("exit")] | Annotated[Kill, Tag("kill")] | Annotated[Exec, Tag("exec")]
)
