"""Operations of a node that belong to none of its sockets, each told as one `op` event."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from netlab import clock
from netlab.agent import sockets
from netlab.agent.channel import Message
from netlab.agent.children import Emit

Operation = Callable[[Message], Awaitable[Message]]


def reported(emit: Emit, operation: Operation) -> Operation:
    """``operation`` within its deadline, told whether it succeeds or fails."""

    async def perform(request: Message) -> Message:
        began = time.monotonic_ns()
        event = {"kind": "op", "op": request["do"], "conn": request["conn"]}
        try:
            async with asyncio.timeout(request["within"]):
                outcome = await operation(request)
        except OSError as error:
            text = error.strerror or f"not done within {request['within']:g} s"
            failed = {"status": "error", "errno": sockets.errno_name(error), "error": text}
            emit(event | failed | _stamp(began))
            return {"ok": False, "errno": failed["errno"], "error": text}
        emit(event | {"status": "ok", **outcome} | _stamp(began))
        return {}

    return perform


def _stamp(began: int) -> Message:
    return {"t": clock.now(), "took": time.monotonic_ns() - began}
