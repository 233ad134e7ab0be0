"""TCP socket states of the lab's nodes, as the kernel answers when asked.

Asking costs; so a node is asked when its capture shows a segment that changes states, and then
now and again until its sockets are at rest.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from netlab import clock
from netlab.collect.sockets import SocketTable

_INTERVAL = 0.02
_FIN_SYN_RST = 0x07
_AT_REST = frozenset({"LISTEN", "TIME_WAIT", "ESTABLISHED", "CLOSED"})

_IPV4, _IPV6, _TCP = b"\x08\x00", b"\x86\xdd", 6

Emit = Callable[[dict[str, Any]], None]


def changes_state(frame: bytes) -> bool:
    """Whether a frame is a TCP segment with SYN, FIN or RST. Cheap: it runs for every packet."""
    kind = frame[12:14]
    if kind == _IPV4 and len(frame) > 33 and frame[23] == _TCP:
        flags = 14 + (frame[14] & 0x0F) * 4 + 13
    elif kind == _IPV6 and len(frame) > 67 and frame[20] == _TCP:
        flags = 67
    else:
        return False
    return len(frame) > flags and bool(frame[flags] & _FIN_SYN_RST)


class StateWatch:
    """The states of one node's TCP sockets, told as `state` events when they differ from before."""

    def __init__(self, node: str, table: SocketTable, emit: Emit) -> None:
        self._node = node
        self._table = table
        self._emit = emit
        self._known: dict[tuple[str, str], str] = {}
        self.next_look: float | None = None

    def wake(self) -> None:
        self.next_look = time.monotonic()

    def look(self) -> None:
        """Ask the kernel; look again soon while a socket is between two states."""
        now = clock.now()
        seen = {
            (each.local, each.foreign): each.state
            for each in self._table.read(("tcp",))
            if each.state != "LISTEN"
        }
        for pair in self._known.keys() | seen.keys():
            old, new = self._known.get(pair, "CLOSED"), seen.get(pair, "CLOSED")
            if old != new:
                self._tell(now, pair, old, new)
        self._known = seen
        restless = any(state not in _AT_REST for state in seen.values())
        self.next_look = time.monotonic() + _INTERVAL if restless else None

    def _tell(self, t: int, pair: tuple[str, str], old: str, new: str) -> None:
        self._emit(
            {
                "t": t,
                "kind": "state",
                "node": self._node,
                "transport": "tcp",
                "local": pair[0],
                "foreign": pair[1],
                "old": old,
                "new": new,
                "source": "sock_diag",
            }
        )
