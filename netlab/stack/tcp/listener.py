"""A socket that waits for connections (RFC 9293, 3.10.7.2; RFC 4987)."""

from __future__ import annotations

import errno
from collections import deque
from typing import TYPE_CHECKING

from netlab.stack.events import Acceptable
from netlab.stack.tcp.bindings import Binding
from netlab.stack.tcp.profile import Cookies
from netlab.stack.tcp.settings import Settings

if TYPE_CHECKING:
    from netlab.stack.tcp.connection import Connection
    from netlab.stack.tcp.layer import TcpLayer


class Listener:
    """At most ``limit`` connections wait in SYN_RCVD, and as many for ``accept``.

    The profile makes it of ``backlog``. Beyond the first limit SYNs are answered with cookies, or
    dropped if the profile has none; without cookies, the profile's ``syn_backlog`` is a limit,
    too. Beyond the second they are dropped, and so are the ACKs that would establish a connection.
    """

    __slots__ = ("_half_open", "_layer", "_waiting", "binding", "is_open", "limit", "settings")

    def __init__(self, layer: TcpLayer, binding: Binding, backlog: int, settings: Settings) -> None:
        self._layer = layer
        self.binding = binding
        self.listen(backlog)
        self.settings = settings
        self.is_open = True
        self._waiting: deque[Connection] = deque()
        #: In their order, in which they are reset: every run is to be the same.
        self._half_open: dict[Connection, None] = {}

    @property
    def port(self) -> int:
        return self.binding.port

    @property
    def acceptable(self) -> int:
        return len(self._waiting)

    @property
    def half_open(self) -> int:
        return len(self._half_open)

    def listen(self, backlog: int) -> None:
        """Also once more, with another backlog."""
        self.limit = self._layer.profile.backlog_percent * max(backlog, 0) // 100 + 1

    def has_room(self) -> bool:
        """Whether one more may wait to be accepted."""
        return len(self._waiting) < self.limit

    def accept(self) -> Connection:
        """The connection that waits longest; BlockingIOError if there is none."""
        if not self.is_open:
            raise OSError(errno.EBADF, "the listener is closed")
        if not self._waiting:
            raise BlockingIOError(errno.EAGAIN, "no connection waits")
        connection = self._waiting.popleft()
        connection.listener = None
        return connection

    def close(self, now: int) -> None:
        """Connections that nobody accepted are reset."""
        if not self.is_open:
            return
        self.is_open = False
        self._layer.listener_closed(self)
        for connection in (*self._half_open, *self._waiting):
            connection.abort(now)
        self._waiting.clear()
        self._half_open.clear()

    # For the layer and its connections.

    def may_begin(self) -> bool:
        count, profile = len(self._half_open), self._layer.profile
        if profile.syn_cookies is Cookies.NEVER and 4 * count > 3 * profile.syn_backlog:
            return False
        return count < self.limit

    def begun(self, connection: Connection) -> None:
        self._half_open[connection] = None

    def established(self, connection: Connection) -> None:
        self._half_open.pop(connection, None)
        self._waiting.append(connection)
        self._layer.tell(Acceptable(self))

    def forget(self, connection: Connection) -> bool:
        """A connection ended; whether nobody was ever told of it."""
        if connection in self._half_open:
            self._half_open.pop(connection, None)
            return True
        return False
