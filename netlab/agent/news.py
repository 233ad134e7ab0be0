"""What has come and was not taken yet."""

from __future__ import annotations

import asyncio


class News:
    """``note`` may be called by whoever sees datagrams pass; one waits and takes them."""

    def __init__(self) -> None:
        self._news: list[bytes] = []
        self._has_news = asyncio.Event()

    def note(self, datagram: bytes) -> None:
        self._news.append(datagram)
        self._has_news.set()

    def take(self) -> list[bytes]:
        news, self._news = self._news, []
        self._has_news.clear()
        return news

    async def until_news(self) -> None:
        await self._has_news.wait()
