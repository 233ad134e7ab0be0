"""A client's socket that the scenario has named, and what waits on it have in common."""

from __future__ import annotations

import asyncio
from typing import TypeAlias

from netlab.agent.channel import Message
from netlab.agent.excerpt import text_of
from netlab.agent.held_datagrams import HeldDatagrams
from netlab.agent.held_stream import HeldStream

#: Seconds that a step may take beyond the time it waits for nothing.
_GRACE = 1.0

Held: TypeAlias = HeldStream | HeldDatagrams


async def receive_nothing(held: Held, within: float) -> Message:
    """Wait for so many seconds; OSError when anything comes, or the transport's own."""
    try:
        async with asyncio.timeout(within):
            data = await held.receive_any()
    except TimeoutError as error:
        if error.errno is not None:  # the transport's ETIMEDOUT, not the end of our wait
            raise
        return {"bytes": 0, "nothing": True}
    came = repr(text_of(data)) if data or isinstance(held, HeldDatagrams) else "the peer's end"
    raise OSError(71, f"received {came} instead of nothing")


def quiet_time(request: Message) -> float:
    """To wait for nothing takes all of the step's time, so that its deadline is later."""
    return _GRACE if request.get("nothing") else 0.0
