"""What a host tells the program that drives it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from netlab.stack.tcp.connection import Connection
    from netlab.stack.tcp.listener import Listener
    from netlab.stack.tcp.pair import Pair
    from netlab.stack.tcp.states import Input
    from netlab.wire.states import State

EventT = TypeVar("EventT")


@dataclass(frozen=True, slots=True)
class Connected:
    connection: Connection


@dataclass(frozen=True, slots=True)
class Acceptable:
    """A connection waits for ``listener.accept``."""

    listener: Listener


@dataclass(frozen=True, slots=True)
class Readable:
    """There is text to receive, or the end of it."""

    connection: Connection


@dataclass(frozen=True, slots=True)
class Writable:
    """There is room to send again."""

    connection: Connection


@dataclass(frozen=True, slots=True)
class Urgent:
    """The peer has urgent data that is not read yet (RFC 9293, 3.8.5)."""

    connection: Connection


@dataclass(frozen=True, slots=True)
class Closed:
    """The connection is gone; ``errno`` is 0 after an orderly close."""

    connection: Connection
    errno: int


@dataclass(frozen=True, slots=True)
class Transition:
    """A connection went from one state to the next; ``time`` is ns."""

    time: int
    pair: Pair
    before: State
    after: State
    cause: Input


@dataclass(frozen=True, slots=True)
class Variables:
    """The control block of a connection that asked for its log; ``time`` is ns."""

    time: int
    pair: Pair
    values: Mapping[str, int | None]


TcpEvent = Connected | Acceptable | Readable | Writable | Urgent | Closed | Transition | Variables


@dataclass(slots=True)
class Events(Generic[EventT]):
    """Events in their order.

    The driver takes them after each verb. If it does not, those that only observe (``observe``)
    are dropped beyond ``limit`` and counted; the others (``tell``) are as many as sockets.
    """

    limit: int = 65536
    dropped: int = 0
    _waiting: deque[EventT] = field(default_factory=deque)

    def tell(self, event: EventT) -> None:
        self._waiting.append(event)

    def tell_once(self, event: EventT) -> None:
        """Tell it, unless the last that waits says the same."""
        waiting = self._waiting
        if not waiting or waiting[-1] != event:
            waiting.append(event)

    def observe(self, event: EventT) -> None:
        if len(self._waiting) >= self.limit:
            self.dropped += 1
        else:
            self._waiting.append(event)

    def next(self) -> EventT | None:
        return self._waiting.popleft() if self._waiting else None
