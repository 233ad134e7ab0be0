"""Processes and programs in a node."""

from __future__ import annotations

import signal
from typing import Annotated, Any

from pydantic import Field, PlainValidator, Tag, WithJsonSchema

from netlab.topology.hints import did_you_mean, shown
from netlab.topology.model.base import in_words
from netlab.topology.model.fields import Label, NodeName, Text
from netlab.topology.model.program import Argv, Ready, Running
from netlab.topology.model.steps.base import Timed

_SIGNALS = tuple(sorted(member.name for member in signal.Signals))


def _signal_name(value: Any) -> str:
    if value not in _SIGNALS:
        near = did_you_mean(value, _SIGNALS) if isinstance(value, str) else ""
        raise ValueError(
            f"{shown(value)} is no signal, such as SIGTERM" + (f" ({near})" if near else "")
        )
    return str(value)


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
    """A child process, or a program with its process group."""

    signal: SignalName = "SIGKILL"


class Exec(Timed, Running):
    node: NodeName
    exec: Argv
    """A line for /bin/sh, or a list of words."""

    name: Label | None = Field(default=None, alias="as")

    input: Text | None = None
    """What it reads from its standard input."""


class Start(Timed, Running):
    node: NodeName
    start: Argv
    """A program that runs in the background: a line for /bin/sh, or a list of words."""

    name: Label = Field(alias="as")
    input: Text | None = None
    """What it reads from its standard input."""

    ready: Ready | None = None
    """How it is known that it is ready; the step ends then."""


class Await(Timed):
    node: NodeName | None = None
    await_: Label = Field(alias="await")
    """The program that must end."""


PROGRAM_VERBS = ("exit", "kill", "exec", "start", "await")

ProgramStep = (
    Annotated[Exit, Tag("exit")]
    | Annotated[Kill, Tag("kill")]
    | Annotated[Exec, Tag("exec")]
    | Annotated[Start, Tag("start")]
    | Annotated[Await, Tag("await")]
)
