"""Congestion windows and timers of one node's TCP sockets, sampled while there are connections.

The kernel tells them only when asked, so what lasts less than an interval is missed.
"""

from __future__ import annotations

import time

from netlab import clock
from netlab.collect.sockets import SocketTable
from netlab.collect.watch import Emit
from netlab.wire.tcp_info import TcpInfo

_MICROSECOND = 1_000


class InfoSampler:
    """Tells a `tcpinfo` event for each connection whose values differ from those before.

    ``interval`` is in seconds.
    """

    def __init__(self, node: str, table: SocketTable, emit: Emit, interval: float) -> None:
        self._node = node
        self._table = table
        self._emit = emit
        self._interval = interval
        self._known: dict[tuple[str, str], TcpInfo] = {}
        self.next_look: float | None = None

    def wake(self) -> None:
        if self.next_look is None:
            self.next_look = time.monotonic()

    def look(self) -> None:
        """Ask the kernel; look again after the interval while there is a connection."""
        now = clock.now()
        seen = {(socket.local, socket.foreign): info for socket, info in self._table.read_info()}
        for pair, info in seen.items():
            if self._known.get(pair) != info:
                self._tell(now, pair, info)
        self._known = seen
        self.next_look = time.monotonic() + self._interval if seen else None

    def _tell(self, t: int, pair: tuple[str, str], info: TcpInfo) -> None:
        self._emit(
            {
                "t": t,
                "kind": "tcpinfo",
                "node": self._node,
                "local": pair[0],
                "foreign": pair[1],
                "cwnd": info.cwnd,
                "ssthresh": info.ssthresh,
                "mss": info.mss,
                "srtt": info.srtt * _MICROSECOND if info.srtt is not None else None,
                "rttvar": info.rttvar * _MICROSECOND,
                "rto": info.rto * _MICROSECOND,
                "unacked": info.unacked,
                "sacked": info.sacked,
                "lost": info.lost,
                "retrans": info.retrans,
                "total_retrans": info.total_retrans,
                "phase": info.ca_state,
            }
        )
