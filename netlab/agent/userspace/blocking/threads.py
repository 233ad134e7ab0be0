"""What programs have of the threading module: threads of the same process, and what they wait for.

A lock of the machine's would be waited for outside of the lab's time.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from functools import partial
from typing import Any

from netlab.agent.userspace.blocking.process import Strand, here
from netlab.agent.userspace.blocking.within import Work, within


class Thread(threading.Thread):
    """Begins when who starts it waits for something."""

    _strand: Strand | None = None

    def __init__(self, *arguments: Any, daemon: bool | None = None, **named: Any) -> None:
        inherited = here().is_daemon if daemon is None else daemon
        super().__init__(*arguments, daemon=inherited, **named)

    def start(self) -> None:
        process = here().process
        strand = process.new_strand(is_daemon=self.daemon)
        self.run = partial(strand.play, contextvars.copy_context(), self.run)  # type: ignore[method-assign]  # whoever has overridden it
        # Whether the interpreter waits for it is the process's to say.
        self.daemon = True
        super().start()
        self._strand = strand

        async def begin() -> None:
            process.begin(strand)

        here().wait(begin())

    def join(self, timeout: float | None = None) -> None:
        if self._strand is None:
            raise RuntimeError("cannot join thread before it is started")
        if self._strand is here():
            raise RuntimeError("cannot join current thread")
        strand = self._strand
        if _waits(lambda: strand.process.over(strand), timeout):
            super().join()

    def is_alive(self) -> bool:
        return self._strand is not None and not self._strand.is_over


class Event:
    """As threading.Event."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def is_set(self) -> bool:
        return self._event.is_set()

    def set(self) -> None:
        async def work() -> None:
            self._event.set()

        here().wait(work())

    def clear(self) -> None:
        self._event.clear()

    def wait(self, timeout: float | None = None) -> bool:
        return _waits(self._event.wait, timeout)


class Lock:
    """As threading.Lock."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        return _waits(self._lock.acquire, 0 if not blocking else None if timeout < 0 else timeout)

    def release(self) -> None:
        async def work() -> None:
            self._lock.release()

        here().wait(work())

    def locked(self) -> bool:
        return self._lock.locked()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


def _waits(work: Work[Any], timeout: float | None) -> bool:
    """Whether it came in time."""
    try:
        here().wait(within(work, timeout))
    except (TimeoutError, BlockingIOError):
        return False
    return True
