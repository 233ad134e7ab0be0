"""Many connections at once, each of which has said something and now is idle."""

from __future__ import annotations

import asyncio
import gc
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from netlab.stack.api.stream import StackStream
from netlab.testing.worlds import SERVER, Two, two_hosts

_PORT = 7
#: Those that came before, so that tables which all share are there already.
_BEFORE = 20


def cost(count: int, measured: Callable[[], int]) -> float:
    """What ``measured`` says that one end of one of so many connections costs; both are here."""
    two = two_hosts()
    return two.play(lambda two: _crowd(two, count, measured))


def traced() -> int:
    """Bytes of Python's objects; begins to trace them when first asked."""
    if not tracemalloc.is_tracing():
        tracemalloc.start()
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def resident() -> int:
    """Bytes of this process that are in memory."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def _crowd(two: Two, count: int, measured: Callable[[], int]) -> float:
    listener = two.server.listen((SERVER, _PORT), backlog=count)
    kept: list[StackStream] = []

    async def connect() -> None:
        client = await two.client.connect((SERVER, _PORT))
        server = await listener.accept()
        await client.send(b"Hello!")
        await server.send(await server.receive(100))
        assert await client.receive(100) == b"Hello!"
        kept.extend((client, server))

    for _ in range(_BEFORE):
        await connect()
    before = measured()
    for _ in range(count):
        await connect()
    await asyncio.sleep(1)
    assert len(kept) == 2 * (count + _BEFORE)
    return (measured() - before) / (2 * count)
