"""Urgent data (RFC 9293 section 3.8.5, RFC 6093; UNP chapter 24)."""

from __future__ import annotations

import array
import asyncio
import fcntl
import os
import select
import signal
import socket
from collections.abc import Callable

from netlab.agent.channel import Message

#: linux/sockios.h
_SIOCATMARK = 0x8905


def on_signal(connection: socket.socket, act: Callable[[], None]) -> None:
    """Have SIGURG sent to this process when urgent data is announced, and ``act`` on it."""
    signal.signal(signal.SIGURG, lambda *_: act())
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGURG})
    fcntl.fcntl(connection, fcntl.F_SETOWN, os.getpid())
    # It may have been announced before this process was the one to tell.
    if _is_announced(connection) and signal.SIGURG not in signal.sigpending():
        act()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGURG})


def _is_announced(connection: socket.socket) -> bool:
    """Also when the byte has not come yet, of which poll(2) says nothing."""
    try:
        connection.recv(1, socket.MSG_OOB | socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return True
    except OSError:  # nothing is announced, or it is a byte of the stream
        watcher = select.poll()
        watcher.register(connection, select.POLLPRI)
        return any(events & select.POLLPRI for _, events in watcher.poll(0))  # not of a reset
    return True


def found(connection: socket.socket) -> Message:
    """The urgent byte as text, if it is out of band and has come; else why there is none."""
    if is_inline(connection):
        return {"inline": True, "at_mark": is_at_mark(connection)}
    try:
        return {"byte": connection.recv(1, socket.MSG_OOB).decode("latin-1")}
    except OSError as error:  # EAGAIN: announced, not here yet; EINVAL: read already
        return {"byte": None, "errno": "EAGAIN" if error.errno == 11 else "EINVAL"}


def is_inline(connection: socket.socket) -> bool:
    return bool(connection.getsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE))


def is_at_mark(connection: socket.socket) -> bool:
    """Whether the next byte to be read is the urgent one, or comes behind it (sockatmark(3))."""
    answer = array.array("i", [0])
    fcntl.ioctl(connection, _SIOCATMARK, answer)
    return bool(answer[0])


async def wait(connection: socket.socket) -> None:
    """Until urgent data is announced (POLLPRI)."""
    loop = asyncio.get_running_loop()
    announced = asyncio.Event()
    with select.epoll() as watcher:  # asyncio watches for ordinary data only, but watches this
        watcher.register(connection, select.EPOLLPRI)
        loop.add_reader(watcher.fileno(), announced.set)
        try:
            await announced.wait()
        finally:
            loop.remove_reader(watcher.fileno())
