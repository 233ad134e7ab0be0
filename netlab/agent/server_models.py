"""How a server takes its clients (UNP chapters 6, 13, 16 and 30).

Blocking servers take one client at a time in each process or thread; those of event loops are in
server_loops.py. The super-server waits for the clients of many services at once, as inetd does.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import selectors
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from netlab import linux
from netlab.agent import server_loops
from netlab.agent.channel import Message
from netlab.agent.conversation import Waits
from netlab.agent.server import Server

#: A thread that only waits and copies needs no more; the default of 8 MiB is memory promised.
_STACK = 256 * 1024

Lock = AbstractContextManager[object]


def serve(request: Message, report: int) -> None:
    """Be the server of one service; returns only when it cannot listen."""
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    linux.raise_descriptor_limit()
    server = Server(request, report)
    bound = server.listen()
    if bound is not None:
        MODELS[request["model"]](server, bound)


def serve_all(requests: Sequence[Message], report: int) -> None:
    """Be a super-server: one process waits for the clients of many services.

    It forks a child for each TCP connection and answers datagrams itself, as inetd does with its
    internal services.
    """
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps the children itself
    waiting = selectors.DefaultSelector()
    for request in requests:
        server = Server(request, report)
        bound = server.listen()
        if bound is None:
            return
        take = _fork_for_one if server.is_stream else _serve_next
        waiting.register(bound, selectors.EVENT_READ, (take, server))
    while True:
        for key, _ in waiting.select():
            take, server = key.data
            take(server, key.fileobj)


def _blocking(conversation: Waits) -> None:
    """Let its calls wait for the connection, and sleep when it only waits for time to pass."""
    for wait in conversation:
        if isinstance(wait, float):
            time.sleep(wait)


def _serve_next(server: Server, bound: socket.socket) -> None:
    if server.is_stream:
        _blocking(server.converse(*bound.accept()))
    else:
        _blocking(server.answer(bound))


def _iterative(server: Server, bound: socket.socket) -> None:
    while True:
        _serve_next(server, bound)


def _fork(server: Server, listener: socket.socket) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps the children itself
    while True:
        _fork_for_one(server, listener)


def _fork_for_one(server: Server, listener: socket.socket) -> None:
    connection, client = listener.accept()
    if os.fork() == 0:
        listener.close()
        _blocking(server.converse(connection, client))
        os._exit(0)
    connection.close()


def _prefork(server: Server, bound: socket.socket) -> None:
    """The children share the socket; the kernel wakes one of those that wait in accept."""
    parent = os.getpid()
    lock = _RecordLock() if server.request["accept_lock"] else None
    for _ in range(server.request["workers"]):
        if os.fork() == 0:
            linux.die_with_parent(parent)
            _work(server, bound, lock)
    pid, _ = os.wait()
    raise ChildProcessError(10, f"worker {pid} of {server.request['service']} has ended")


def _thread(server: Server, bound: socket.socket) -> None:
    """A thread for each client, or for each datagram."""
    threading.stack_size(_STACK)
    while True:
        if server.is_stream:
            conversation = server.converse(*bound.accept())
        else:
            try:
                conversation = server.reply(bound, *bound.recvfrom(65_536))
            except OSError:  # an ICMP error about an earlier reply
                continue
        threading.Thread(target=_blocking, args=(conversation,), daemon=True).start()


def _prethread(server: Server, bound: socket.socket) -> None:
    threading.stack_size(_STACK)
    lock = threading.Lock() if server.request["accept_lock"] else None
    workers = [
        threading.Thread(target=_work, args=(server, bound, lock), daemon=True)
        for _ in range(server.request["workers"])
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def _work(server: Server, bound: socket.socket, lock: Lock | None) -> None:
    """Serve one client after the other; with a lock, one worker at a time waits for clients."""
    while True:
        if not server.is_stream:
            _blocking(server.answer(bound))
            continue
        with lock or contextlib.nullcontext():
            connection, client = bound.accept()
        _blocking(server.converse(connection, client))


class _RecordLock:
    """What processes that share only a descriptor can wait for (UNP section 30.7)."""

    def __init__(self) -> None:
        self._descriptor = os.memfd_create("accept-lock")

    def __enter__(self) -> None:
        fcntl.lockf(self._descriptor, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        fcntl.lockf(self._descriptor, fcntl.LOCK_UN)


MODELS: dict[str, Callable[[Server, socket.socket], None]] = {
    "iterative": _iterative,
    "fork": _fork,
    "prefork": _prefork,
    "thread": _thread,
    "prethread": _prethread,
    "select": server_loops.by_select,
    "epoll": server_loops.by_epoll,
    "asyncio": server_loops.by_asyncio,
}
