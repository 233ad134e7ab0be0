"""Waits for a non-blocking socket in an event loop. One task may wait for each of the two."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import Callable


async def until_readable(made: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    await _ready(made, loop.add_reader, loop.remove_reader)


async def until_writable(made: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    await _ready(made, loop.add_writer, loop.remove_writer)


async def _ready(
    made: socket.socket, add: Callable[..., object], remove: Callable[..., object]
) -> None:
    descriptor = made.fileno()
    if descriptor < 0:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    ready = asyncio.Event()
    add(descriptor, ready.set)
    try:
        await ready.wait()
    finally:
        if made.fileno() == descriptor:  # else it is closed, and the number may be another's
            remove(descriptor)


def forget(made: socket.socket) -> None:
    """Nobody waits any more: whoever does may not be woken for the descriptor's next owner."""
    if made.fileno() >= 0:
        loop = asyncio.get_running_loop()
        loop.remove_reader(made)
        loop.remove_writer(made)
