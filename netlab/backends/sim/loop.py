"""An event loop whose clock is a world's: nobody waits, the world goes on instead."""

from __future__ import annotations

import asyncio
import selectors
import signal
from collections.abc import Callable, Coroutine, Hashable
from contextvars import Context, ContextVar
from dataclasses import dataclass
from types import FrameType
from typing import Any, TypeVar, TypeVarTuple

from netlab.backends.sim.world import World
from netlab.errors import LabError
from netlab.stack.units import SECOND

_Result = TypeVar("_Result")
_Ts = TypeVarTuple("_Ts")

#: A loop is told times in seconds, of which a float keeps whole ns for 100 days.
_RESOLUTION = 1e-9

#: So many rounds of programs may there be in one instant; more pass no time.
_MOST_ROUNDS = 1_000_000

#: Whose programs run.
OWNER: ContextVar[Hashable] = ContextVar("owner", default=None)


class NothingHappensError(LabError):
    """All programs wait for something that will never come."""


def play(world: World, story: Coroutine[Any, Any, _Result]) -> _Result:
    """Run programs in the world, until ``story`` has ended.

    NothingHappensError if it never will.
    """
    with asyncio.Runner(loop_factory=lambda: WorldLoop(world)) as runner:
        return runner.run(story)


class WorldLoop(asyncio.SelectorEventLoop):
    """Descriptors are not watched, for they live in another time; what is for a thread is done.

    A signal is heard between two rounds of the world.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._outside = _Outside(world, self._broke)
        super().__init__(self._outside)
        #: Set, with why, when the world cannot go on; who does not wait for it gets it raised.
        self.broken: asyncio.Future[None] = self.create_future()
        self._clock_resolution = _RESOLUTION
        self._former: dict[int, Any] = {}
        self._stopped: dict[Hashable, list[_Later]] = {}

    def time(self) -> float:
        """Seconds since the world began."""
        return self._world.now / SECOND

    def _broke(self, error: LabError) -> None:
        self.broken.set_exception(error)
        self.broken.exception()  # somebody knows of it

    # Programs that stand still

    def pause(self, owner: Hashable) -> None:
        """Programs of ``owner`` stand still: what would wake them does so when it goes on."""
        self._stopped.setdefault(owner, [])

    def resume(self, owner: Hashable) -> None:
        for later in self._stopped.pop(owner, ()):
            if not later.handle.cancelled():
                self.call_soon(later.callback, *later.args, context=later.context)

    def resume_all(self) -> None:
        for owner in list(self._stopped):
            self.resume(owner)

    def call_soon(
        self, callback: Callable[[*_Ts], object], *args: *_Ts, context: Context | None = None
    ) -> asyncio.Handle:
        if self._stopped:
            owner = OWNER.get() if context is None else context.get(OWNER)
            if owner in self._stopped:
                handle = asyncio.Handle(callback, args, self, context)
                self._stopped[owner].append(_Later(handle, callback, args, context))
                return handle
        return super().call_soon(callback, *args, context=context)

    # What would need another time

    def run_in_executor(
        self, executor: object, func: Callable[[*_Ts], _Result], *args: *_Ts
    ) -> asyncio.Future[_Result]:
        done: asyncio.Future[_Result] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - whoever waits for it gets it
            done.set_exception(error)
        return done

    def add_signal_handler(self, sig: int, callback: Callable[[*_Ts], object], *args: *_Ts) -> None:
        def heard(_number: int, _frame: FrameType | None) -> None:
            self.call_soon(callback, *args, context=Context())
            self._outside.is_interrupted = True

        self._former[sig] = signal.signal(sig, heard)

    def remove_signal_handler(self, sig: int) -> bool:
        if sig not in self._former:
            return False
        signal.signal(sig, self._former.pop(sig))
        return True


@dataclass(frozen=True, slots=True)
class _Later:
    """What is to be called when its owner goes on, unless its handle is cancelled."""

    handle: asyncio.Handle
    callback: Callable[..., object]
    args: tuple[Any, ...]
    context: Context | None


class _Outside(selectors.SelectSelector):
    """Where a loop waits for descriptors, this one lets the world go on.

    When it cannot, ``broke`` is told, and programs have what they still ask for without the world.
    """

    def __init__(self, world: World, broke: Callable[[LabError], None]) -> None:
        super().__init__()
        self._world = world
        self._broke = broke
        self._rounds = 0
        self._at = -1
        self._error: LabError | None = None
        self.is_interrupted = False

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self.is_interrupted:
            self.is_interrupted = False
            return []
        if self._error is not None:
            self._end(timeout, self._error)
            return []
        try:
            self._go_on(timeout)
        except LabError as error:
            self._error = error
            self._broke(error)
        return []

    def _end(self, timeout: float | None, error: LabError) -> None:
        """Programs that wait for a time get it, without a world in which anything happens."""
        self._count()
        if timeout is None:
            raise error
        self._world.now += round(timeout * SECOND)

    def _go_on(self, timeout: float | None) -> None:
        world = self._world
        self._count()
        if world.settle() or timeout == 0:
            return
        if timeout is not None:
            world.advance(world.now + max(1, round(timeout * SECOND)))
        elif world.next is not None:
            world.advance(world.next)
        else:
            raise NothingHappensError("nothing will happen any more, and a program waits")

    def _count(self) -> None:
        world = self._world
        self._rounds = self._rounds + 1 if world.now == self._at else 0
        self._at = world.now
        if self._rounds > _MOST_ROUNDS:
            self._rounds = 0
            raise LabError(f"at {world.now} ns there is no end of what programs do at once")
