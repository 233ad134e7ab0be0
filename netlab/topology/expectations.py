"""What a lab must show, resolved. Each is judged in netlab/scenario against events and packets."""

from __future__ import annotations

from dataclasses import dataclass

from netlab.topology.steps import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """``where`` is ``file:line:column``; ``text`` how the report calls it; ``within`` in seconds.

    ``within`` counts from the end of the scenario: until then an expectation may still come true.
    """

    where: str
    text: str
    within: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StatesExpected(Expectation):
    """One end of ``connection`` goes through ``states``, one directly after the other.

    ``node`` None is the end that opened the connection.
    """

    connection: str
    node: str | None
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """``comparison`` is one of ``== != < <= > >=``."""

    comparison: str
    number: int

    def allows(self, seen: int) -> bool:
        return {
            "==": seen == self.number,
            "!=": seen != self.number,
            "<": seen < self.number,
            "<=": seen <= self.number,
            ">": seen > self.number,
            ">=": seen >= self.number,
        }[self.comparison]

    def __str__(self) -> str:
        return str(self.number) if self.comparison == "==" else f"{self.comparison} {self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketsExpected(Expectation):
    """Packets match ``expressions`` (see netlab.wire.filter).

    One expression with ``count``: so many packets match. Several: they match in this order, others
    between them allowed unless ``exact``. Each packet is seen once, where its source sent it, or,
    with ``at`` (``node`` or ``node:interface``), as often as that place saw it. ``connection``
    limits the view to one connection's packets.
    """

    expressions: tuple[str, ...]
    count: Count | None = None
    exact: bool = False
    at: str | None = None
    connection: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketsExpected(Expectation):
    """At ``moment`` (None: the scenario's end) the node has these sockets.

    A socket is written as in the book, ``{local, foreign} STATE``; ``*`` is what is not bound.
    With ``only``, it has no other TCP or UDP socket.
    """

    node: str
    sockets: tuple[str, ...]
    moment: Moment | None = None
    only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrnoExpected(Expectation):
    """The first operation that fails on ``name`` fails with ``errno``; None: nothing fails."""

    name: str
    errno: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedExpected(Expectation):
    """What the opener of ``connection`` received. None leaves a property unjudged."""

    connection: str
    size: int | None = None
    sha256: str | None = None
    expected_text: str | None = None
    equals_sent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramExpected(Expectation):
    """The program ``name`` exits with ``exit_code`` and its output matches ``output`` (a regex)."""

    name: str
    exit_code: int | None = None
    output: str | None = None
