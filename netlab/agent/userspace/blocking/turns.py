"""How a thread of a program has the event loop of its stack do what it waits for."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Coroutine
from queue import SimpleQueue
from typing import Any, Protocol, TypeAlias, TypeVar

_Result = TypeVar("_Result")
_Work: TypeAlias = Coroutine[Any, Any, _Result]


def ended() -> SystemExit:
    """What the calls of a thread raise when its process is over; it then ends silently."""
    return SystemExit("the process is over")


class Turns(Protocol):
    """One thread's."""

    def begin(self) -> None:
        """In the thread, before all else."""

    def wait(self, work: _Work[_Result]) -> _Result:
        """In the thread: what comes of ``work``, which the loop does."""

    def finish(self) -> None:
        """In the thread, at last."""

    async def play(self) -> None:
        """In the loop, until the thread has finished; to be cancelled is the thread's end."""

    def release(self) -> None:
        """In the loop, after ``play``, should it never have begun: nobody waits for it any more."""


class InTurn:
    """The loop stands still while the thread runs, and the thread while the loop does.

    So that time passes only while programs wait, and all of them do the same in every run.
    """

    def __init__(self) -> None:
        #: What is to be done, and who hears of it; None is the thread's end.
        self._asked: SimpleQueue[tuple[_Work[Any], concurrent.futures.Future[Any]] | None] = (
            SimpleQueue()
        )
        self._first: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._is_over = False

    def begin(self) -> None:
        self._first.result()

    def wait(self, work: _Work[_Result]) -> _Result:
        if self._is_over:
            work.close()
            raise ended()
        answer: concurrent.futures.Future[_Result] = concurrent.futures.Future()
        self._asked.put((work, answer))
        return answer.result()

    def finish(self) -> None:
        self._asked.put(None)

    async def play(self) -> None:
        self._first.set_result(None)
        while (asked := self._asked.get()) is not None:
            work, answer = asked
            try:
                result = await work
            except asyncio.CancelledError:
                self._is_over = True
                answer.set_exception(ended())
            except Exception as error:  # noqa: BLE001 - whoever waits for it gets it
                answer.set_exception(error)
            else:
                answer.set_result(result)

    def release(self) -> None:
        self._is_over = True
        if not self._first.done():
            self._first.set_exception(ended())


class Parallel:
    """The thread runs beside the loop, in real time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._finished = asyncio.Event()
        self._lock = threading.Lock()
        self._answer: concurrent.futures.Future[Any] | None = None
        self._is_over = False

    def begin(self) -> None:
        if self._is_over:
            raise ended()

    def wait(self, work: _Work[_Result]) -> _Result:
        with self._lock:
            if self._is_over:
                work.close()
                raise ended()
            answer = asyncio.run_coroutine_threadsafe(work, self._loop)
            self._answer = answer
        try:
            return answer.result()
        except concurrent.futures.CancelledError:
            raise ended() from None

    def finish(self) -> None:
        with self._lock:
            if not self._is_over:
                self._loop.call_soon_threadsafe(self._finished.set)

    async def play(self) -> None:
        await self._finished.wait()

    def release(self) -> None:
        with self._lock:
            self._is_over = True
            if self._answer is not None:
                self._answer.cancel()
