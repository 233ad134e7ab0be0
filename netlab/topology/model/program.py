"""A program of the user's own: what it runs, where, and when it is ready."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import ConfigDict, PlainValidator, WithJsonSchema, model_validator

from netlab.topology import program as plan
from netlab.topology.hints import one_of, shown
from netlab.topology.model.base import Model, exactly_one_of, in_words, refuse
from netlab.topology.model.expectations.outcomes import Regex
from netlab.topology.model.fields import AStack, Duration, Flag, Label, Text
from netlab.topology.model.service import ONE_SOCKET, one_socket


def _argv(value: Any) -> tuple[str, ...]:
    if isinstance(value, str) and value.strip():
        return ("/bin/sh", "-c", value)
    if isinstance(value, list) and value and all(isinstance(word, str) for word in value):
        return tuple(value)
    raise ValueError(f"a program is a command line or a list of texts, not {shown(value)}")


def _environment(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError(f"'env' is a mapping such as {{PORT: 80}}, not {shown(value)}")  # noqa: TRY004 - a user's value
    return {_variable(key): _setting(key, setting) for key, setting in value.items()}


def _variable(name: Any) -> str:
    if not isinstance(name, str) or not name or "=" in name or "\0" in name:
        raise ValueError(f"{shown(name)} is no name of an environment variable")
    return name


def _setting(name: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str) or "\0" in str(value):
        raise ValueError(f"{name} takes a text or a whole number, not {shown(value)}")
    return str(value)


_ARGV = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]
}
_ENVIRONMENT = {"type": "object", "additionalProperties": {"type": ["string", "integer"]}}

Argv = Annotated[tuple[str, ...], PlainValidator(in_words(_argv)), WithJsonSchema(_ARGV)]
Environment = Annotated[
    dict[str, str], PlainValidator(in_words(_environment)), WithJsonSchema(_ENVIRONMENT)
]
ASocket = Annotated[Any, PlainValidator(in_words(one_socket)), WithJsonSchema(ONE_SOCKET)]

_PROBES = ("port", "log", "command")


class Ready(Model):
    """How it is known that a program is ready."""

    model_config = ConfigDict(json_schema_extra=exactly_one_of(_PROBES))

    port: ASocket | None = None
    """A socket of the node waits for clients there; nothing connects to it."""

    log: Regex | None = None
    """The program has printed something that matches this regular expression."""

    command: Argv | None = None
    """A program that exits with 0 in the node; tried again until then."""

    @model_validator(mode="after")
    def _one_probe(self) -> Self:
        given = [name for name in _PROBES if getattr(self, name) is not None]
        if len(given) != 1:
            what = " and ".join(given) if given else "nothing"
            raise refuse(f"'ready' asks one thing, {one_of(_PROBES)}, not {what}")
        return self

    def probe(self) -> plan.Probe:
        port = self.port
        return plan.Probe(
            port=(port.transport, port.port) if port else None,
            log=self.log,
            command=self.command,
        )


class Running(Model):
    """Where and as whom a program runs."""

    env: Environment | None = None
    """Environment variables besides this machine's."""

    cwd: Text | None = None
    """The folder that it starts in; ``/``, when not given."""

    unprivileged: Flag = False
    """Without capabilities, as the programs of ordinary users run."""

    def command(self, argv: tuple[str, ...], given: str | None = None) -> plan.Command:
        return plan.Command(
            argv=argv,
            env=tuple((self.env or {}).items()),
            cwd=self.cwd,
            unprivileged=self.unprivileged,
            given=given,
        )


class ProgramService(Running):
    """A program of this machine that runs from before the scenario to its end."""

    run: Argv
    """A line for /bin/sh, or a list of words."""

    name: Label
    """How events, logs and the report call it."""

    ready: Ready | None = None
    """How it is known that it is ready; as soon as it runs, when not given."""

    within: Duration = 10.0
    """How long it may take to be ready."""

    may_end: Flag = False
    """It may end before the lab does; otherwise that is a failure."""

    stack: AStack | None = None
    """Whose TCP/IP it needs: it is left out where the node speaks another."""
