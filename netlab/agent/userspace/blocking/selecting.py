"""Waiting for one of several sockets."""

from __future__ import annotations

import asyncio
import errno
import selectors
from collections.abc import Coroutine, Iterable
from typing import Any

from netlab.agent.userspace.blocking.process import Process, here
from netlab.stack.failure import failure

_READ, _WRITE = _BOTH = selectors.EVENT_READ, selectors.EVENT_WRITE
_URGENT = 4


class Selector(selectors.SelectSelector):
    """Takes the place of any selector: descriptors are those of the process."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        keys = list(self.get_map().values())
        wanted = [(key.fd, each) for key in keys for each in _BOTH if key.events & each]
        strand = here()
        ready = strand.wait(_ready(strand.process, wanted, timeout))
        found = [(key, sum(e for e in _BOTH if (key.fd, e) in ready)) for key in keys]
        return [(key, events) for key, events in found if events]


def select(
    rlist: Iterable[Any], wlist: Iterable[Any], xlist: Iterable[Any], timeout: float | None = None
) -> tuple[list[Any], list[Any], list[Any]]:
    """As select.select: ``xlist`` waits for urgent data."""
    asked = [(list(rlist), _READ), (list(wlist), _WRITE), (list(xlist), _URGENT)]
    wanted = [(_number(each), event) for some, event in asked for each in some]
    strand = here()
    ready = strand.wait(_ready(strand.process, wanted, timeout))
    reading, writing, urgent = (
        [each for each in some if (_number(each), event) in ready] for some, event in asked
    )
    return reading, writing, urgent


def _number(what: Any) -> int:
    return what if isinstance(what, int) else int(what.fileno())


async def _ready(
    process: Process,
    wanted: list[tuple[int, int]],
    timeout: float | None,  # noqa: ASYNC109 - the program's
) -> set[tuple[int, int]]:
    """Those that are, as soon as one is, or after ``timeout`` seconds."""
    if not wanted:
        await asyncio.sleep(timeout or 0)
        return set()
    waiting = {asyncio.ensure_future(_until(process, *each)): each for each in wanted}
    try:
        limit = None if timeout is None else max(0.0, timeout)
        await asyncio.wait(waiting, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        return {each for task, each in waiting.items() if _is_ready(task)}
    finally:
        for task in waiting:
            task.cancel()


def _until(process: Process, number: int, event: int) -> Coroutine[Any, Any, None]:
    end = process.ends.get(number)
    if end is None:
        raise failure(errno.EBADF)
    if event == _READ:
        return end.until_readable()
    return end.until_writable() if event == _WRITE else end.until_urgent()


def _is_ready(task: asyncio.Task[None]) -> bool:
    """Also when the next call fails, which then says why."""
    if task.done():
        task.exception()
    return task.done()
