"""A program that waits in its calls, on our stack: its threads, its sockets, and their end."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import itertools
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeAlias, TypeVar

from netlab.agent.userspace.blocking.names import Names
from netlab.agent.userspace.blocking.tcp import TcpEnd
from netlab.agent.userspace.blocking.turns import InTurn, Parallel, Turns
from netlab.agent.userspace.blocking.udp import UdpEnd
from netlab.stack.api.programs import Programs

_Result = TypeVar("_Result")
_Arguments = ParamSpec("_Arguments")
End: TypeAlias = TcpEnd | UdpEnd

#: The first descriptor. The kernel has none so high, and answers EBADF to who asks it about one.
_FIRST = 1 << 24


class Process:
    """To be made where an event loop runs. ``names`` are the hosts that it knows.

    ``in_turn`` is for virtual time: see ``InTurn``. Without, threads run beside the loop.
    """

    def __init__(
        self, programs: Programs, names: Names | None = None, *, in_turn: bool = False
    ) -> None:
        self.programs = programs
        self.names = names or Names()
        self.ends: dict[int, End] = {}
        self._in_turn = in_turn
        self._loop = asyncio.get_running_loop()
        self._numbers = itertools.count(_FIRST)
        self._strands: dict[Strand, asyncio.Task[None]] = {}

    async def run(
        self,
        program: Callable[_Arguments, _Result],
        /,
        *arguments: _Arguments.args,
        **named: _Arguments.kwargs,
    ) -> _Result:
        """What ``program`` returns, or raises, in a thread of its own.

        The process is over when it has ended, and all threads that it began, but daemons. When it
        fails, or who waits for it is cancelled, nobody is waited for. Then its sockets are closed
        as those of the dead are.
        """
        outcome: Future[_Result] = Future()

        def run() -> None:
            try:
                outcome.set_result(program(*arguments, **named))
            except Exception as error:  # noqa: BLE001 - whoever waits for it gets it
                outcome.set_exception(error)
            except SystemExit as error:
                outcome.set_exception(RuntimeError(f"the program left: {error}"))

        main = self.new_strand(is_daemon=False)
        context = contextvars.copy_context()
        threading.Thread(target=main.play, args=(context, run), daemon=True).start()
        try:
            await asyncio.wait([self.begin(main)])
            result = outcome.result()
            while alive := [task for strand, task in self._strands.items() if not strand.is_daemon]:
                await asyncio.wait(alive)
            return result
        finally:
            await self._end()

    def new_strand(self, *, is_daemon: bool) -> Strand:
        """What a new thread is to play; ``begin`` must follow."""
        return Strand(self._new_turns(), self, is_daemon=is_daemon)

    def begin(self, strand: Strand) -> asyncio.Task[None]:
        """In the loop: a thread has its turns from now on."""
        task = asyncio.ensure_future(strand.turns.play())
        self._strands[strand] = task
        task.add_done_callback(lambda _: self._is_over(strand))
        return task

    async def over(self, strand: Strand) -> None:
        """Until a thread has come to its end."""
        if strand in self._strands:
            await asyncio.wait([self._strands[strand]])

    def opened(self, end: End) -> int:
        """The descriptor of a new socket."""
        number = next(self._numbers)
        self.ends[number] = end
        return number

    def abandon(self, number: int) -> None:
        """From any thread: nobody has this socket any more."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._close, number)

    def _close(self, number: int) -> None:
        end = self.ends.pop(number, None)
        if end is not None:
            end.die()

    def _new_turns(self) -> Turns:
        return InTurn() if self._in_turn else Parallel(self._loop)

    def _is_over(self, strand: Strand) -> None:
        strand.turns.release()
        strand.is_over = True
        del self._strands[strand]

    async def _end(self) -> None:
        tasks = list(self._strands.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        for end in self.ends.values():
            end.die()
        self.ends.clear()


class Strand:
    """A thread of a process."""

    def __init__(self, turns: Turns, process: Process, *, is_daemon: bool = False) -> None:
        self.turns = turns
        self.process = process
        self.is_daemon = is_daemon
        self.is_over = False

    def wait(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        return self.turns.wait(work)

    def play(self, context: contextvars.Context, run: Callable[[], object]) -> None:
        """In the thread, from its beginning to its end."""
        try:
            with contextlib.suppress(SystemExit):  # which ends a thread, and is no failure of it
                self.turns.begin()
                context.run(self._inside, run)
        finally:
            self.turns.finish()

    def _inside(self, run: Callable[[], object]) -> None:
        _HERE.set(self)
        run()


_HERE: ContextVar[Strand | None] = ContextVar("strand", default=None)


def is_here() -> bool:
    """Whether this thread is a program's on our stack."""
    return _HERE.get() is not None


def here() -> Strand:
    """RuntimeError in a thread that is no program's."""
    found = _HERE.get()
    if found is None:
        raise RuntimeError("this thread has no stack: let Process.run begin what is to use it")
    return found
