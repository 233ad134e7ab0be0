"""Waits for the kernel once, not once for each of many things."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import TypeVar

_MOST_THREADS = 128

_Work = TypeVar("_Work")
_Result = TypeVar("_Result")


def at_once(work: Callable[[_Work], _Result], items: Sequence[_Work]) -> list[_Result]:
    """Do the same to all items, each in a thread of its own where threads can be started.

    To make or close a ring, the kernel waits for all processors to let go of the old state (RCU):
    ten milliseconds each, but the same ten for all that wait together.
    """
    waiting = deque(enumerate(items))
    results: dict[int, _Result] = {}
    failures: list[Exception] = []

    def work_off() -> None:
        while waiting and not failures:
            try:
                number, item = waiting.popleft()
            except IndexError:  # another thread was faster
                return
            try:
                results[number] = work(item)
            except Exception as error:  # noqa: BLE001 - raised again by the thread that asked
                failures.append(error)

    helpers = _started(work_off, min(len(items), _MOST_THREADS) - 1)
    work_off()
    for helper in helpers:
        helper.join()
    if failures:
        raise failures[0]
    return [results[number] for number in range(len(items))]


def _started(work_off: Callable[[], None], most: int) -> list[threading.Thread]:
    """As many threads as this user may start: with none at all the work only takes longer."""
    threads: list[threading.Thread] = []
    for _ in range(most):
        thread = threading.Thread(target=work_off)
        try:
            thread.start()
        except RuntimeError:
            break
        threads.append(thread)
    return threads
