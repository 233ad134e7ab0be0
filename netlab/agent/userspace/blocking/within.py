"""Waiting for no longer than a program will."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias, TypeVar

_Result = TypeVar("_Result")

#: What is begun only when it is waited for.
Work: TypeAlias = Callable[[], Coroutine[Any, Any, _Result]]


async def within(work: Work[_Result], timeout: float | None) -> _Result:  # noqa: ASYNC109 - the program's
    """As sockets have it: TimeoutError after so many seconds; 0 is BlockingIOError, at once."""
    if timeout is None:
        return await work()
    if timeout == 0:
        return _at_once(work())
    try:
        async with asyncio.timeout(timeout) as limit:
            return await work()
    except TimeoutError:
        if limit.expired():
            raise TimeoutError("timed out") from None
        raise


def _at_once(work: Coroutine[Any, Any, _Result]) -> _Result:
    try:
        work.send(None)
    except StopIteration as done:
        result: _Result = done.value
        return result
    work.close()
    raise BlockingIOError(errno.EAGAIN, "it would have to wait")
