"""What a table of sockets has, whoever's sockets they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from netlab.wire.tcp_info import TcpInfo

#: States in which a socket sends nothing that a window could limit.
WITHOUT_WINDOW = frozenset({"LISTEN", "CLOSED", "TIME_WAIT", "SYN_RCVD"})


@dataclass(frozen=True, slots=True)
class Socket:
    """``local`` and ``foreign`` are written ``address:port``, with ``*`` for what is not bound.

    ``inode`` is the kernel's, 0 when no process holds the socket.
    """

    transport: str
    local: str
    foreign: str
    state: str
    inode: int = 0

    def row(self, pid: int | None, program: str | None) -> dict[str, Any]:
        """As a `sockets` event has it."""
        return {
            "transport": self.transport,
            "local": self.local,
            "foreign": self.foreign,
            "state": self.state,
            "pid": pid,
            "program": program,
        }


class InfoTable(Protocol):
    def read_info(self) -> Iterable[tuple[Socket, TcpInfo]]:
        """What TCP knows of each of its sockets that has a window."""
