"""Processes of a node on the userspace stack: each is the sockets that it holds, and their users.

When one ends its sockets are closed as a kernel closes those of a process that has died.
"""

from __future__ import annotations

import asyncio
import errno
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress

from netlab.agent.channel import Emit, Message
from netlab.agent.clients import Clients
from netlab.agent.network import Socket
from netlab.agent.userspace.network import StackNetwork

#: Signals that are ignored, or mean something only to what is stopped (signal(7)).
_IGNORED = frozenset({"SIGCHLD", "SIGCONT", "SIGURG", "SIGWINCH"})

_STOPPING = frozenset({"SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU"})


class StackProcesses:
    """Fulfils ``netlab.agent.agent.Processes``. ``open_network`` gives each its own."""

    def __init__(self, open_network: Callable[[], StackNetwork], emit: Emit) -> None:
        self._open_network = open_network
        self._emit = emit
        self._running: dict[str, _Process] = {}

    async def start(self, name: str) -> Message:
        self._running[name] = _Process(name, self._open_network(), self._emit)
        self._emit({"kind": "process", "process": name, "status": "started"})
        return {}

    async def forward(self, name: str, request: Message) -> Message:
        return await self._find(name).perform(request) or {}

    async def exit(self, name: str) -> Message:
        return await self._end(name, exit_code=0)

    async def kill(self, request: Message) -> Message:
        name, sent = request["process"], signal.Signals[request["signal"]].name
        self._find(name)
        if sent in _IGNORED:
            return {}
        if sent in _STOPPING:
            text = f"a process on netlab's own stack cannot be stopped by {sent}: freeze its node"
            raise OSError(errno.ENOTSUP, text)
        return await self._end(name, signal=sent)

    def holders(self) -> dict[tuple[str, str], str]:
        """Which process has the socket with these ends, as a socket table writes them."""
        return {ends: name for name, each in self._running.items() for ends in each.ends()}

    async def _end(self, name: str, *, exit_code: int | None = None, **by: str) -> Message:
        process = self._find(name)
        del self._running[name]
        await process.end()
        ending = {"exit_code": exit_code, "signal": by.get("signal")}
        self._emit({"kind": "process", "process": name, "status": "exited", **ending})
        return ending

    def _find(self, name: str) -> _Process:
        try:
            return self._running[name]
        except KeyError:
            raise ProcessLookupError(errno.ESRCH, f"no process {name} is running") from None


class _Process:
    def __init__(self, name: str, network: StackNetwork, emit: Emit) -> None:
        self._name = name
        self._network = network
        self._clients = Clients(network, emit)
        #: In their order: every run is to be the same.
        self._tasks: dict[asyncio.Task[Message | None], None] = {}

    async def perform(self, request: Message) -> Message | None:
        task = asyncio.ensure_future(self._clients.verbs[request["do"]](request))
        self._tasks[task] = None
        try:
            await asyncio.wait({task})
        finally:
            del self._tasks[task]
        if task.cancelled():
            raise ProcessLookupError(errno.ESRCH, f"process {self._name} has ended")
        return task.result()

    def ends(self) -> Iterator[tuple[str, str]]:
        for each in self._clients.sockets:
            with suppress(OSError):  # it is closed
                yield each.local, _foreign(each)

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._network.end()


def _foreign(socket: Socket) -> str:
    try:
        return socket.foreign
    except OSError:
        return "*:*"
