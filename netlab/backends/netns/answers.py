"""Answers that come in the order of the questions."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

Message = dict[str, Any]


class Answers:
    """Whoever asked first of those who wait gets the next answer, even if it gave up waiting."""

    def __init__(self) -> None:
        self._asked: deque[asyncio.Future[Message | None]] = deque()
        self._unasked: deque[Message] = deque()
        self._over = False

    def next(self) -> asyncio.Future[Message | None]:
        """To be called as the question is asked; None when there will be no answer."""
        future: asyncio.Future[Message | None] = asyncio.get_running_loop().create_future()
        if self._unasked:
            future.set_result(self._unasked.popleft())
        elif self._over:
            future.set_result(None)
        else:
            self._asked.append(future)
        return future

    def give(self, answer: Message) -> None:
        if self._asked:
            _settle(self._asked.popleft(), answer)
        else:
            self._unasked.append(answer)

    def end(self) -> None:
        self._over = True
        while self._asked:
            _settle(self._asked.popleft(), None)


def _settle(future: asyncio.Future[Message | None], answer: Message | None) -> None:
    if not future.done():
        future.set_result(answer)
