"""A service of a node: ``{echo: tcp/7, model: fork}``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, PlainValidator, WithJsonSchema, model_validator

from netlab.topology.hints import one_of, shown
from netlab.topology.model.base import Model, ShortForm, exactly_one_of, in_words, refuse
from netlab.topology.model.fields import (
    AGroup,
    AStack,
    Duration,
    Flag,
    Size,
    Text,
    whole_number,
    word_of,
)
from netlab.topology.model.options import Options

#: RFC 862, 863, 867, 864 and 868.
WELL_KNOWN = {"echo": 7, "discard": 9, "daytime": 13, "chargen": 19, "time": 37}

MODELS = (
    "iterative",
    "fork",
    "prefork",
    "thread",
    "prethread",
    "select",
    "epoll",
    "asyncio",
)
#: Those that have as many children or threads as ``workers`` says.
OF_WORKERS = ("prefork", "prethread")

#: Those whose processes have one client each, so that a signal tells of which.
OF_SIGNALS = ("iterative", "fork", "prefork", "inetd")

_SOCKET = re.compile(r"(?P<transport>tcp|udp)(?:/(?P<port>[0-9]{1,9}))?", re.ASCII)
_BACKLOG = whole_number(0, 65535, "a backlog")
_WORKERS = whole_number(1, 256, "a number of workers")
_MODEL = word_of((*MODELS, "inetd"), "'model'")


@dataclass(frozen=True, slots=True)
class Listen:
    """``port`` None is the protocol's own."""

    transport: Literal["tcp", "udp"]
    port: int | None


def _listens(value: Any) -> tuple[Listen, ...]:
    items = value if isinstance(value, list) else [value]
    if not items:
        raise ValueError("the list of sockets is empty; write 'tcp/7'")
    return tuple(_listen(item) for item in items)


def one_socket(value: Any) -> Listen:
    """``tcp/80``; ValueError in words."""
    listen = _listen(value)
    if listen.port is None:
        raise ValueError(f"{shown(value)} needs its port, such as {value}/80")
    return listen


def _listen(value: Any) -> Listen:
    match = _SOCKET.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"a socket looks like 'tcp/7' or 'udp/7', not {shown(value)}")
    transport: Literal["tcp", "udp"] = "tcp" if match["transport"] == "tcp" else "udp"
    if match["port"] is None:
        return Listen(transport, None)
    port = int(match["port"])
    if not 1 <= port <= 65535:
        raise ValueError(f"a port is 1 to 65535, not {port}")
    return Listen(transport, port)


_ONE = {"type": "string", "pattern": "^(tcp|udp)(/[0-9]{1,5})?$"}
ONE_SOCKET = {"type": "string", "pattern": "^(tcp|udp)/[0-9]{1,5}$"}
_SCHEMA = {"anyOf": [_ONE, {"type": "array", "items": _ONE, "minItems": 1}]}
Sockets = Annotated[
    tuple[Listen, ...] | None, PlainValidator(in_words(_listens)), WithJsonSchema(_SCHEMA)
]


#: What UDP services have no use for.
_OF_STREAMS = ("read", "size", "sigurg", "close_after", "backlog", "accept_lock")


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Groups = Annotated[tuple[AGroup, ...], ShortForm(None, _as_list)]


class Reading(Model):
    after: Duration = 0.0
    """Time before the first byte is read."""

    size: Size = 65_536
    """How much is read at once, at most."""

    every: Duration = 0.0
    """Time before it is read again."""

    until_eof: Flag = False
    """All is read, up to the client's FIN, before any of it is taken up, ``size`` at once."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.size == 0:
            raise refuse("nothing is read that way", at="size")
        return self


class Service(Options):
    """One server program, listening on one socket or on several."""

    model_config = ConfigDict(json_schema_extra=exactly_one_of(WELL_KNOWN))

    echo: Sockets = None
    """Sends back what it gets (RFC 862)."""

    discard: Sockets = None
    """Reads and forgets (RFC 863)."""

    daytime: Sockets = None
    """Sends the date and time as text (RFC 867)."""

    chargen: Sockets = None
    """Sends lines of characters without end (RFC 864)."""

    time: Sockets = None
    """Sends the seconds since 1900 as four bytes (RFC 868)."""

    model: Annotated[str, *_MODEL] | None = None
    """How the server deals with several clients: one after the other, with a child or a thread
    for each, with children or threads made before, or all in one event loop.

    With inetd, one process waits for the clients of all services of the node that say so."""

    workers: Annotated[int, *_WORKERS] | None = None
    """How many children or threads prefork and prethread have; 4, when not given."""

    accept_lock: Flag = False
    """One of the workers at a time waits for clients."""

    address: Text | None = None
    """The interface or the address to listen on; all, when not given."""

    backlog: Annotated[int, *_BACKLOG] = 128
    """How many connections may wait to be accepted."""

    group: Groups = ()
    """Multicast groups that a UDP service joins on every interface: one, or a list of them."""

    think: Duration = 0.0
    """Time between a request and its reply."""

    close_after: Duration = 0.0
    """Time between the client's FIN and the server's."""

    read: Reading | None = None
    """How slowly the server reads: ``{after: 2s, size: 1000 bytes, every: 10ms}``."""

    size: Size | None = None
    """How many bytes chargen sends before it closes."""

    sigurg: Flag = False
    """The server tells of urgent data when SIGURG tells it."""

    stack: AStack | None = None
    """Whose TCP/IP it needs: it is left out where the node speaks another."""

    @model_validator(mode="after")
    def _one_protocol(self) -> Self:
        given = [name for name in WELL_KNOWN if getattr(self, name)]
        if not given:
            raise refuse(f"a service needs its protocol: {one_of(WELL_KNOWN)}")
        if len(given) > 1:
            raise refuse(f"one service has one protocol, not {' and '.join(given)}")
        return self

    @model_validator(mode="after")
    def _model_fits(self) -> Self:
        if self.model not in OF_WORKERS and (self.workers is not None or self.accept_lock):
            key = "workers" if self.workers is not None else "accept_lock"
            raise refuse(f"only {one_of(OF_WORKERS)} servers have workers", at=key)
        if self.sigurg and (self.model or "fork") not in OF_SIGNALS:
            raise refuse(f"only {one_of(OF_SIGNALS)} servers know whose SIGURG it is", at="sigurg")
        return self

    @model_validator(mode="after")
    def _protocol_fits(self) -> Self:
        if self.read is not None and self.protocol not in {"echo", "discard"}:
            raise refuse(f"{self.protocol} reads nothing", at="read")
        if self.size is not None and self.protocol != "chargen":
            raise refuse("only chargen has no end of its own", at="size")
        return self

    @model_validator(mode="after")
    def _group_fits(self) -> Self:
        if self.group and not any(listen.transport == "udp" for listen in self.listens):
            raise refuse("only UDP reaches a group: TCP has two ends", at="group")
        return self

    @model_validator(mode="after")
    def _transport_fits(self) -> Self:
        transports = {listen.transport for listen in self.listens}
        if transports == {"tcp"} and (lacking := self.lacking("tcp")):
            raise refuse(f"TCP has no {lacking[0]!r} to choose", at=lacking[0])
        if "tcp" in transports:
            return self
        if self.model == "fork":
            raise refuse("a UDP service has no connections to fork for", at="model")
        tcp = [*self.lacking("udp"), *(k for k in _OF_STREAMS if k in self.model_fields_set)]
        if tcp:
            raise refuse(f"UDP has no {tcp[0]!r}", at=tcp[0])
        return self

    @property
    def protocol(self) -> str:
        return next(name for name in WELL_KNOWN if getattr(self, name))

    @property
    def listens(self) -> tuple[Listen, ...]:
        listens: tuple[Listen, ...] = getattr(self, self.protocol)
        return listens
