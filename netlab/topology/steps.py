"""The steps of a scenario, resolved: addresses are addresses, durations seconds, sizes bytes.

Steps run one after the other. A step may wait for a moment (``after``) or for a time since the
scenario began (``at``), then for ``wait`` more seconds; ``Parallel`` runs branches side by side.
"""

from __future__ import annotations

from dataclasses import dataclass

from netlab.topology.options import SocketOptions


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happens to a named thing, such as ``first established``."""

    name: str
    event: str

    def __str__(self) -> str:
        return f"{self.name} {self.event}"


#: What can happen to a connection, a socket or a program that a step named with ``as``.
EVENTS = (
    "established",
    "opened",
    "sent",
    "received",
    "shutdown",
    "closed",
    "failed",
    "exited",
    "done",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """When a step starts and how long it may take; all in seconds."""

    at: float | None = None
    after: Moment | None = None
    wait: float = 0.0
    within: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """``where`` is the step's ``file:line:column``; ``text`` how the report calls it."""

    where: str
    text: str
    timing: Timing


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeStep(Step):
    node: str


@dataclass(frozen=True, slots=True)
class Payload:
    """What to send: given text, or ``size`` bytes made from the lab's seed."""

    size: int
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connect(NodeStep):
    """Open a TCP connection or connect a UDP socket, and call it ``name``.

    ``process`` names a child process of the node's agent that holds the socket, so that a later
    Exit or Kill can end it.
    """

    name: str
    transport: str
    host: str
    address: str
    port: int
    local_address: str | None = None
    local_port: int | None = None
    process: str | None = None
    options: SocketOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Open(NodeStep):
    """Open an unconnected UDP socket and call it ``name``."""

    name: str
    local_address: str | None = None
    local_port: int | None = None
    process: str | None = None
    options: SocketOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Send(NodeStep):
    """``more`` holds the data back to share a segment with what follows (MSG_MORE)."""

    name: str
    payload: Payload
    to: tuple[str, int] | None = None
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Receive(NodeStep):
    """Read ``size`` bytes, one datagram, or to the peer's FIN; ``expected_text`` must come."""

    name: str
    size: int | None = None
    expected_text: str | None = None
    to_eof: bool = False
    datagram: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(NodeStep):
    """``times`` times: send ``payload``, read ``reply`` bytes, think for ``think`` seconds."""

    name: str
    payload: Payload
    reply: int
    times: int = 1
    think: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shutdown(NodeStep):
    """Half close: send FIN, go on receiving."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(NodeStep):
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit(NodeStep):
    """The child process ``process`` exits without closing its sockets itself."""

    process: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill(NodeStep):
    process: str
    signal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exec(NodeStep):
    """Run a program of the host's file system to its end and keep its output and exit code."""

    name: str
    argv: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLink(Step):
    """Take a link down or up at all its ends; ``duration`` seconds later the other way."""

    link: str
    up: bool
    duration: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause(Step):
    duration: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Parallel(Step):
    branches: tuple[tuple[Step, ...], ...]
