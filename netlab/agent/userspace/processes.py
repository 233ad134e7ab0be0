"""Processes of a node on the userspace stack: each is the sockets that it holds, and their users.

When one ends its sockets are closed as a kernel closes those of a process that has died.
"""

from __future__ import annotations

import asyncio
import errno
import signal
from collections.abc import Iterator
from contextlib import suppress

from netlab.agent import operating
from netlab.agent.channel import Emit, Message
from netlab.agent.clients import Clients
from netlab.agent.network import Network, Socket

#: Signals that are ignored, or mean something only to what is stopped (signal(7)).
_IGNORED = frozenset({"SIGCHLD", "SIGCONT", "SIGURG", "SIGWINCH"})

_STOPPING = frozenset({"SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU"})


class StackProcesses:
    """Fulfils ``netlab.agent.agent.Processes``."""

    def __init__(self, network: Network, emit: Emit) -> None:
        self._network = network
        self._emit = emit
        self._running: dict[str, _Process] = {}

    async def start(self, name: str) -> Message:
        self._running[name] = _Process(name, self._network, self._emit)
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
            raise OSError(errno.EOPNOTSUPP, text)
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
    def __init__(self, name: str, network: Network, emit: Emit) -> None:
        self._name = name
        self._clients = Clients(network, emit)
        self._verbs = operating.verbs(network, self._clients, emit)
        self._tasks: set[asyncio.Task[Message | None]] = set()
        self._closing: set[asyncio.Task[None]] = set()

    async def perform(self, request: Message) -> Message | None:
        task = asyncio.ensure_future(self._verbs[request["do"]](request))
        self._tasks.add(task)
        try:
            await asyncio.wait({task})
        finally:
            self._tasks.discard(task)
        if task.cancelled():
            raise ProcessLookupError(errno.ESRCH, f"process {self._name} has ended")
        return task.result()

    def ends(self) -> Iterator[tuple[str, str]]:
        for each in self._clients.sockets:
            with suppress(OSError):  # it is closed
                yield each.local, _foreign(each)

    async def end(self) -> None:
        """What it does ends, and nobody waits for what lingers of its sockets."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        for each in self._clients.sockets:
            closing = asyncio.ensure_future(_close(each))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
        await asyncio.sleep(0)  # all that closing does at once is done then


async def _close(socket: Socket) -> None:
    with suppress(OSError):
        await socket.close()


def _foreign(socket: Socket) -> str:
    try:
        return socket.foreign
    except OSError:
        return "*:*"
