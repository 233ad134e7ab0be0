"""Servers of one process and one thread that serve all their clients at once.

A conversation that waits is put aside until its socket is ready or its time has come.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import selectors
import socket
import time

from netlab.agent.conversation import Until, Waits
from netlab.agent.kernel.waiting import until_readable, until_writable
from netlab.agent.server import Server

_EVENTS = {Until.READABLE: selectors.EVENT_READ, Until.WRITABLE: selectors.EVENT_WRITE}

#: The descriptors that select(2) can watch are below this.
FD_SETSIZE = 1024


def by_select(server: Server, bound: socket.socket) -> None:
    _Loop(server, bound, selectors.SelectSelector(), most=FD_SETSIZE).run()


def by_epoll(server: Server, bound: socket.socket) -> None:
    _Loop(server, bound, selectors.EpollSelector()).run()


class _Loop:
    """Waits for the socket of the service and for those of its clients."""

    def __init__(
        self,
        server: Server,
        bound: socket.socket,
        selector: selectors.BaseSelector,
        most: int | None = None,
    ) -> None:
        self._server = server
        self._bound = bound
        self._selector = selector
        self._most = most
        self._later: list[tuple[float, int, Waits, socket.socket]] = []
        self._order = itertools.count()

    def run(self) -> None:
        self._bound.setblocking(False)
        self._selector.register(self._bound, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select(self._until_next()):
                if key.data is None:
                    self._take()
                else:
                    self._selector.unregister(key.fileobj)
                    self._go_on(*key.data)
            while self._later and self._later[0][0] <= time.monotonic():
                _, _, conversation, connection = heapq.heappop(self._later)
                self._go_on(conversation, connection)

    def _until_next(self) -> float | None:
        return max(0.0, self._later[0][0] - time.monotonic()) if self._later else None

    def _take(self) -> None:
        """A new client, or a datagram."""
        if not self._server.is_stream:
            conversation = self._server.answer(self._bound)
            next(conversation)  # it waits to be readable, and is
            self._go_on(conversation, self._bound)
            return
        try:
            connection, client = self._bound.accept()
        except (BlockingIOError, ConnectionAbortedError):  # the client is gone already
            return
        if self._most is not None and connection.fileno() >= self._most:
            connection.close()
            self._server.report("failed", error=f"select watches descriptors below {self._most}")
            return
        connection.setblocking(False)
        self._go_on(self._server.converse(connection, client), connection)

    def _go_on(self, conversation: Waits, connection: socket.socket) -> None:
        """Run a conversation until it waits, and note what for."""
        wait = next(conversation, None)
        if isinstance(wait, Until):
            self._selector.register(connection, _EVENTS[wait], (conversation, connection))
        elif wait is not None:
            due = (time.monotonic() + wait, next(self._order), conversation, connection)
            heapq.heappush(self._later, due)


def by_asyncio(server: Server, bound: socket.socket) -> None:
    """A task for each client, or for each datagram."""
    bound.setblocking(False)
    asyncio.run(_take_clients(server, bound))


async def _take_clients(server: Server, bound: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    tasks: set[asyncio.Task[None]] = set()
    while True:
        if server.is_stream:
            connection, client = await loop.sock_accept(bound)
            conversation = server.converse(connection, client)
        else:
            await until_readable(bound)
            connection, conversation = bound, server.answer(bound)
            next(conversation)  # it waits to be readable, and is
        task = loop.create_task(_converse(conversation, connection))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        if not server.is_stream:
            await asyncio.sleep(0)  # the task reads the datagram before the next is waited for


async def _converse(conversation: Waits, connection: socket.socket) -> None:
    for wait in conversation:
        if wait is Until.READABLE:
            await until_readable(connection)
        elif wait is Until.WRITABLE:
            await until_writable(connection)
        else:
            await asyncio.sleep(wait)
