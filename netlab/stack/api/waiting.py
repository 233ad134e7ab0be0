"""Tasks that wait for something to happen to a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from typing import TypeVar

_Result = TypeVar("_Result")


class Waiting:
    """Whoever waits for a socket is woken by whatever happens to it, and tries again."""

    __slots__ = ("_futures",)

    def __init__(self) -> None:
        self._futures: dict[Hashable, list[asyncio.Future[None]]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._futures.values()))

    def wake(self, what: Hashable) -> None:
        for future in self._futures.pop(what, ()):
            if not future.done():
                future.set_result(None)

    async def event(self, what: Hashable) -> None:
        """The next thing that happens to it."""
        future = asyncio.get_running_loop().create_future()
        self._futures.setdefault(what, []).append(future)
        try:
            await future
        finally:
            self._forget(what, future)

    async def until(self, what: Hashable, attempt: Callable[[], _Result]) -> _Result:
        """The result of ``attempt``, made again after each event while it would block."""
        while True:
            try:
                return attempt()
            except BlockingIOError:
                await self.event(what)

    def _forget(self, what: Hashable, future: asyncio.Future[None]) -> None:
        """A task that was cancelled waits no longer."""
        waiting = self._futures.get(what)
        if waiting is not None and future in waiting:
            waiting.remove(future)
            if not waiting:
                del self._futures[what]
