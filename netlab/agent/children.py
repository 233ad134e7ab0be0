"""Processes that an agent forks: watched until they end, so that no zombie and no doubt is left."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from asyncio import events as asyncio_events
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from netlab import linux, log
from netlab.agent.channel import Caller, Channel, ChannelClosed, Emit, Message

Serve = Callable[[str, socket.socket], Awaitable[None]]


#: Signals that stop, continue or are ignored (signal(7)): a process lives on after them.
HARMLESS = frozenset(
    {
        signal.SIGCHLD,
        signal.SIGCONT,
        signal.SIGSTOP,
        signal.SIGTSTP,
        signal.SIGTTIN,
        signal.SIGTTOU,
        signal.SIGURG,
        signal.SIGWINCH,
    }
)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a process ended: by itself with ``exit_code``, or by ``signal`` (its name)."""

    exit_code: int | None
    signal: str | None

    @classmethod
    def of(cls, status: int) -> Ending:
        code = os.waitstatus_to_exitcode(status)
        if code >= 0:
            return cls(code, None)
        return cls(None, linux.signal_name(-code))


@dataclass(slots=True)
class _Child:
    pid: int
    caller: Caller
    ended: asyncio.Future[Ending]


class Children:
    """All child processes of this agent; it is process 1 of its node, so orphans are its too.

    ``serve`` is what one does that is to hold sockets: it obeys over a socket, as the agent does.
    """

    def __init__(self, emit: Emit, serve: Serve) -> None:
        self._emit = emit
        self._serve = serve
        self._endings: dict[int, asyncio.Future[Ending]] = {}
        self._named: dict[str, _Child] = {}

    def watch(self) -> None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGCHLD, self._reap)

    def ending(self, pid: int) -> asyncio.Future[Ending]:
        """Resolves when ``pid`` ends; to be asked for before the loop runs again after a fork."""
        future: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._endings[pid] = future
        return future

    async def start(self, name: str) -> Message:
        """Fork a copy of this agent called ``name``, to hold sockets that die with it."""
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            _become_agent(name, self._serve, theirs)
        theirs.close()
        ended = self.ending(pid)
        caller = Caller(await Channel.open(ours), self._emit)
        self._named[name] = _Child(pid, caller, ended)
        self._emit({"kind": "process", "process": name, "status": "started", "pid": pid})
        return {"pid": pid}

    async def forward(self, name: str, request: Message) -> Message:
        """Let the child ``name`` carry out a request; OSError (ESRCH) when it has ended."""
        child = self._child(name)
        arguments = {key: value for key, value in request.items() if key not in {"id", "do"}}
        try:
            answer = await child.caller.call(request["do"], **arguments)
        except ChannelClosed as error:
            raise ProcessLookupError(3, f"process {name} has ended") from error
        answer.pop("id", None)
        return answer

    async def exit(self, name: str) -> Message:
        """The child exits by itself; the kernel closes its sockets."""
        child = self._child(name)
        with contextlib.suppress(ChannelClosed):  # it ends before it can answer: that is the point
            await child.caller.call("exit")
        return await self._ended(name, child)

    async def kill(self, request: Message) -> Message:
        name = request["process"]
        child = self._child(name)
        number = signal.Signals[request["signal"]]
        os.kill(child.pid, number)
        return {} if number in HARMLESS else await self._ended(name, child)

    async def _ended(self, name: str, child: _Child) -> Message:
        ending = await child.ended
        del self._named[name]
        self._emit(
            {
                "kind": "process",
                "process": name,
                "status": "exited",
                "pid": child.pid,
                "exit_code": ending.exit_code,
                "signal": ending.signal,
            }
        )
        return {"exit_code": ending.exit_code, "signal": ending.signal}

    def _child(self, name: str) -> _Child:
        try:
            return self._named[name]
        except KeyError:
            raise ProcessLookupError(3, f"no process {name} is running") from None

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            future = self._endings.pop(pid, None)
            if future is not None and not future.done():
                future.set_result(Ending.of(status))


def leave_event_loop() -> None:
    """In a forked child: forget the parent's event loop, its signals and its descriptors' epoll."""
    asyncio_events._set_running_loop(None)  # noqa: SLF001 - meant for event loops; we drop one
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Python's own handler would print a traceback


def keep_only(descriptor: int) -> int:
    """Close all descriptors but standard streams and ``descriptor``, which becomes 3."""
    if descriptor != 3:
        os.dup2(descriptor, 3, inheritable=False)
    os.closerange(4, 1 << 20)
    return 3


def run_child(name: str, body: Callable[[], Any]) -> NoReturn:
    """Be a forked child: run ``body`` and exit, telling the lab's log what went wrong."""
    try:
        leave_event_loop()
        body()
    except BaseException:  # noqa: BLE001 - the last place that can tell the lab's log
        log.exception(f"process {name}")
        os._exit(1)
    os._exit(0)


def _become_agent(name: str, serve: Serve, endpoint: socket.socket) -> NoReturn:
    def body() -> None:
        descriptor = keep_only(endpoint.detach())
        asyncio.run(_until_closed(serve, name, socket.socket(fileno=descriptor)))

    run_child(name, body)


async def _until_closed(serve: Serve, name: str, endpoint: socket.socket) -> None:
    await serve(name, endpoint)
