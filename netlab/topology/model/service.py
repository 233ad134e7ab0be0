"""A service of a node: ``{echo: tcp/7, model: fork}``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, PlainValidator, WithJsonSchema, model_validator

from netlab.topology.hints import one_of, shown
from netlab.topology.model.base import exactly_one_of, in_words, refuse
from netlab.topology.model.fields import Duration, Text, whole_number, word_of
from netlab.topology.model.options import Options

#: RFC 862, 863, 867, 864 and 868.
WELL_KNOWN = {"echo": 7, "discard": 9, "daytime": 13, "chargen": 19, "time": 37}

_SOCKET = re.compile(r"(?P<transport>tcp|udp)(?:/(?P<port>[0-9]{1,9}))?", re.ASCII)
_BACKLOG = whole_number(0, 65535, "a backlog")
_MODEL = word_of(("fork", "iterative", "inetd"), "'model'")


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
    """How the server deals with several clients: a child process each, or one after the other.

    With inetd, one process waits for the clients of all services of the node that say so."""

    address: Text | None = None
    """The interface or the address to listen on; all, when not given."""

    backlog: Annotated[int, *_BACKLOG] = 128
    """How many connections may wait to be accepted."""

    think: Duration = 0.0
    """Time between a request and its reply."""

    close_after: Duration = 0.0
    """Time between the client's FIN and the server's."""

    @model_validator(mode="after")
    def _one_protocol(self) -> Self:
        given = [name for name in WELL_KNOWN if getattr(self, name)]
        if not given:
            raise refuse(f"a service needs its protocol: {one_of(WELL_KNOWN)}")
        if len(given) > 1:
            raise refuse(f"one service has one protocol, not {' and '.join(given)}")
        udp_only = all(listen.transport == "udp" for listen in self.listens)
        if udp_only and self.model == "fork":
            raise refuse("a UDP service is iterative: it has no connections to fork for")
        return self

    @property
    def protocol(self) -> str:
        return next(name for name in WELL_KNOWN if getattr(self, name))

    @property
    def listens(self) -> tuple[Listen, ...]:
        listens: tuple[Listen, ...] = getattr(self, self.protocol)
        return listens
