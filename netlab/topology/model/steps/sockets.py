"""What a client does with its sockets."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, PlainValidator, Tag, WithJsonSchema

from netlab.topology.hints import shown
from netlab.topology.model.base import Model, in_words
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
from netlab.topology.model.framing import Framed
from netlab.topology.model.options import Options
from netlab.topology.model.payload import Incoming, Outgoing
from netlab.topology.model.steps.base import Timed

_TIMES = whole_number(1, 1_000_000, "'times'")


def _local(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(f"'from' takes a port, an address or an interface, not {shown(value)}")  # noqa: TRY004 - a user's value
    return str(value)


_LOCAL = {"type": ["string", "integer"]}
Local = Annotated[str, PlainValidator(in_words(_local)), WithJsonSchema(_LOCAL)]


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

    unprivileged: Flag = False
    """Bind as a user who must not have a port below 1024 (without CAP_NET_BIND_SERVICE)."""


class Open(Timed, Options):
    node: NodeName
    open: Annotated[str, *word_of(("udp", "udp4", "udp6"), "'open'")]
    local: Local | None = Field(default=None, alias="from")
    name: Label | None = Field(default=None, alias="as")
    process: Label | None = Field(default=None, alias="in")
    unprivileged: Flag = False


class Send(Timed):
    node: NodeName | None = None
    send: Outgoing
    """``4000 bytes``, or the text itself."""

    over: Label
    to: Text | None = None
    """The peer of a socket that is not connected, such as ``server:7``."""

    more: Flag = False
    """Hold the data back to share a segment with what follows."""

    urgent: Flag = False
    """The last byte is urgent (MSG_OOB)."""

    framed: Framed | None = None
    """Send a message whose end the receiver can find."""


class Receive(Timed):
    node: NodeName | None = None
    receive: Incoming
    """``4000 bytes``, ``eof``, ``datagram``, ``message``, ``{text: …}`` that must come, ``urgent``
    for the urgent byte, or ``nothing``: then neither data nor an end nor an error may come
    ``within`` the time."""

    over: Label

    by: Size | None = None
    """How much is read at once, at most; of a datagram, what does not fit is lost."""

    every: Duration = 0.0
    """Time before it is read again."""

    framed: Framed | None = None
    """How the end of a message is found."""


class SetOptions(Timed):
    node: NodeName | None = None
    set: Options
    """Socket options, as for ``connect``."""

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


class Reset(Timed):
    node: NodeName | None = None
    reset: Label
    """The connection to end with RST instead of FIN."""


SOCKET_VERBS = (
    "connect",
    "open",
    "set",
    "send",
    "receive",
    "request",
    "shutdown",
    "close",
    "reset",
)

SocketStep = (
    Annotated[Connect, Tag("connect")]
    | Annotated[Open, Tag("open")]
    | Annotated[SetOptions, Tag("set")]
    | Annotated[Send, Tag("send")]
    | Annotated[Receive, Tag("receive")]
    | Annotated[Request, Tag("request")]
    | Annotated[Shutdown, Tag("shutdown")]
    | Annotated[Close, Tag("close")]
    | Annotated[Reset, Tag("reset")]
)
