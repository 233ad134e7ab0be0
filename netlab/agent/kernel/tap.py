"""What comes to a node, seen from beside its IP (packet(7))."""

from __future__ import annotations

import socket

from netlab.agent.kernel import waiting

_ALL_PROTOCOLS = 3  # ETH_P_ALL
_LONGEST = 65_536


class KernelTap:
    def __init__(self) -> None:
        self._socket = socket.socket(
            socket.AF_PACKET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK, socket.htons(_ALL_PROTOCOLS)
        )
        self._news: list[bytes] = []

    def take(self) -> list[bytes]:
        self._read()
        news, self._news = self._news, []
        return news

    async def until_news(self) -> None:
        while not self._news:
            await waiting.until_readable(self._socket)
            self._read()

    def _read(self) -> None:
        """What the node sends passes here as well, and what comes for others on its links."""
        try:
            while True:
                datagram, (_, _, kind, *_) = self._socket.recvfrom(_LONGEST)
                if kind == socket.PACKET_HOST:
                    self._news.append(datagram)
        except BlockingIOError:
            return

    def close(self) -> None:
        waiting.forget(self._socket)
        self._socket.close()
