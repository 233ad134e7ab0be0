"""Congestion windows and timers of one node's TCP sockets, sampled while there are connections.

What lasts less than an interval is missed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from netlab import clock
from netlab.collect.table import InfoTable
from netlab.wire.tcp_info import TcpInfo

Emit = Callable[[dict[str, Any]], None]

_MICROSECOND, _SECOND = 1_000, 1_000_000_000


class InfoSampler:
    """Tells a `tcpinfo` event for each connection whose values differ from those before.

    ``interval`` is in seconds.
    """

    def __init__(
        self, node: str, table: InfoTable, emit: Callable[[dict[str, Any]], None], interval: float
    ) -> None:
        self._node = node
        self._table = table
        self._emit = emit
        self._interval = interval
        self._known: dict[tuple[str, str], TcpInfo] = {}
        self.next_look: float | None = None

    def wake(self) -> None:
        if self.next_look is None:
            self.next_look = clock.elapsed() / _SECOND

    def look(self) -> None:
        """Ask the table; look again after the interval while there is a connection."""
        now = clock.now()
        seen = {(socket.local, socket.foreign): info for socket, info in self._table.read_info()}
        for pair, info in seen.items():
            if self._known.get(pair) != info:
                self._tell(now, pair, info)
        self._known = seen
        self.next_look = clock.elapsed() / _SECOND + self._interval if seen else None

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
