"""The steps of a scenario. The key that names the verb decides which step it is."""

from __future__ import annotations

import signal
from typing import Annotated, Any, Self

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    PlainValidator,
    Tag,
    WithJsonSchema,
    model_validator,
)

from netlab.topology import units
from netlab.topology.hints import did_you_mean, one_of, shown
from netlab.topology.model.base import Model, ShortForm, exactly_one_of, in_words, refuse
from netlab.topology.model.fields import (
    Duration,
    Flag,
    Label,
    NodeName,
    Size,
    Text,
    whole_number,
    word_of,
)
from netlab.topology.model.options import Options
from netlab.topology.model.payload import Incoming, Outgoing
from netlab.topology.model.verbs import one_verb, verb_of
from netlab.topology.steps import EVENTS, Moment

_SIGNALS = tuple(sorted(member.name for member in signal.Signals))
_TIMES = whole_number(1, 1_000_000, "'times'")


def moment(value: Any) -> Moment:
    """The moment written ``first established``; ValueError in words."""
    words = value.split() if isinstance(value, str) else []
    if len(words) != 2:
        raise ValueError(f"a moment looks like 'first established', not {shown(value)}")
    name, event = words
    if event not in EVENTS:
        near = did_you_mean(event, EVENTS) or f"there are {one_of(EVENTS)}"
        raise ValueError(f"{shown(event)} is no event ({near})")
    return Moment(name, event)


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


def _local(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(f"'from' takes a port, an address or an interface, not {shown(value)}")  # noqa: TRY004 - a user's value
    return str(value)


_MOMENT = {"type": "string", "pattern": f"^\\s*\\S+\\s+({'|'.join(EVENTS)})\\s*$"}
_ARGV = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]
}
_LOCAL = {"type": ["string", "integer"]}
_DURATION_OR_TRUE = {"anyOf": [{"type": "string"}, {"const": True}]}

AMoment = Annotated[Moment, PlainValidator(in_words(moment)), WithJsonSchema(_MOMENT)]
Argv = Annotated[tuple[str, ...], PlainValidator(in_words(_argv)), WithJsonSchema(_ARGV)]
Local = Annotated[str, PlainValidator(in_words(_local)), WithJsonSchema(_LOCAL)]

SignalName = Annotated[
    str, PlainValidator(in_words(_signal_name)), WithJsonSchema({"enum": list(_SIGNALS)})
]


class Timed(Model):
    at: Duration | None = None
    """The step starts so long after the scenario began."""

    after: AMoment | None = None
    """The step starts when this has happened, such as ``first established``."""

    wait: Duration = 0.0
    """The step starts so much later."""

    within: Duration = 10.0
    """How long the step may take."""


class Connect(Timed, Options):
    node: NodeName
    connect: Text
    """The transport and the peer: ``tcp server:7``."""

    local: Local | None = Field(default=None, alias="from")
    """A port, an address, both as ``10.0.0.1:1500``, or an interface."""

    name: Label | None = Field(default=None, alias="as")
    """How other steps and expectations call the connection."""

    process: Label | None = Field(default=None, alias="in")
    """The child process that holds the socket, for ``exit`` and ``kill``."""

    path_mtu_discovery: Flag | None = None
    """True sets DF, false lets the packets be fragmented."""


class Open(Timed, Options):
    node: NodeName
    open: Annotated[str, *word_of(("udp", "udp4", "udp6"), "'open'")]
    local: Local | None = Field(default=None, alias="from")
    name: Label | None = Field(default=None, alias="as")
    process: Label | None = Field(default=None, alias="in")
    path_mtu_discovery: Flag | None = None


class Send(Timed):
    node: NodeName | None = None
    send: Outgoing
    """``4000 bytes``, or the text itself."""

    over: Label
    to: Text | None = None
    """The peer of a socket that is not connected, such as ``server:7``."""

    more: Flag = False
    """Hold the data back to share a segment with what follows."""


class Receive(Timed):
    node: NodeName | None = None
    receive: Incoming
    """``4000 bytes``, ``eof``, ``datagram``, or ``{text: …}`` that must come."""

    over: Label


class Exchange(Model):
    send: Outgoing
    receive: Size
    times: Annotated[int, *_TIMES] = 1
    think: Duration = 0.0
    """Time before the next request."""


class Request(Timed):
    node: NodeName | None = None
    request: Exchange
    over: Label


class Shutdown(Timed):
    node: NodeName | None = None
    shutdown: Label
    """The connection to half close."""


class Close(Timed):
    node: NodeName | None = None
    close: Label


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


def _duration_or_true(value: Any) -> float | None:
    if value is True:
        return None
    if value is False:
        raise ValueError("takes true or a duration such as 2s")
    return units.duration(value)


class SetLink(Timed):
    link: Text
    """The link's name or its ends, such as ``r1 -- server:path1``."""

    down: Annotated[
        float | None,
        PlainValidator(in_words(_duration_or_true)),
        WithJsonSchema(_DURATION_OR_TRUE),
    ] = None
    """True, or how long the link is down."""

    up: Annotated[
        float | None,
        PlainValidator(in_words(_duration_or_true)),
        WithJsonSchema(_DURATION_OR_TRUE),
    ] = None

    model_config = Model.model_config | {"json_schema_extra": exactly_one_of(("down", "up"))}

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if ("down" in self.model_fields_set) == ("up" in self.model_fields_set):
            raise refuse("a link step takes either 'down' or 'up'")
        return self


class Pause(Timed):
    pause: Duration


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


class Parallel(Timed):
    parallel: tuple[Branch, ...]
    """Steps and lists of steps that run side by side."""


STEPS = (
    "connect", "open", "send", "receive", "request", "shutdown", "close",
    "exit", "kill", "exec", "link", "pause", "parallel",
)  # fmt: skip

AnyStep = Annotated[
    Annotated[Connect, Tag("connect")]
    | Annotated[Open, Tag("open")]
    | Annotated[Send, Tag("send")]
    | Annotated[Receive, Tag("receive")]
    | Annotated[Request, Tag("request")]
    | Annotated[Shutdown, Tag("shutdown")]
    | Annotated[Close, Tag("close")]
    | Annotated[Exit, Tag("exit")]
    | Annotated[Kill, Tag("kill")]
    | Annotated[Exec, Tag("exec")]
    | Annotated[SetLink, Tag("link")]
    | Annotated[Pause, Tag("pause")]
    | Annotated[Parallel, Tag("parallel")],
    Discriminator(verb_of(STEPS)),
    BeforeValidator(one_verb(STEPS, "a step", "{pause: 1s}")),
]
Branch = Annotated[tuple[AnyStep, ...], ShortForm(None, _as_list)]
