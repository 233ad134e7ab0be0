"""What comes to a node on our stack, seen from beside its IP."""

from __future__ import annotations

import asyncio

from netlab.agent.userspace.opened import Opened
from netlab.stack.ip.layer import Ip


class StackTap:
    """``opened`` knows it until it is closed."""

    def __init__(self, ip: Ip, opened: Opened) -> None:
        self._ip = ip
        self._opened = opened
        self._news: list[bytes] = []
        self._has_news = asyncio.Event()
        ip.taps.append(self._note)
        opened.add(self)

    def take(self) -> list[bytes]:
        news, self._news = self._news, []
        self._has_news.clear()
        return news

    async def until_news(self) -> None:
        await self._has_news.wait()

    def close(self) -> None:
        self._opened.forget(self)
        if self._note in self._ip.taps:
            self._ip.taps.remove(self._note)

    def end(self) -> None:
        self.close()

    def _note(self, datagram: bytes) -> None:
        self._news.append(datagram)
        self._has_news.set()
