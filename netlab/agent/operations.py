"""Operations that a scenario asks for, each within its deadline and told as one `op` event."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from netlab import clock
from netlab.agent.channel import Emit, Message
from netlab.agent.errnos import errno_name
from netlab.agent.held import quiet_time

Operation = Callable[[Message], Awaitable[Message]]


def _nothing(_: str) -> Message:
    return {}


def reported(
    emit: Emit, operation: Operation, *, accounts: Callable[[str], Message] = _nothing
) -> Operation:
    """``operation``, told whether it succeeds or fails.

    ``accounts`` are what is to be told of the connection of that name besides.
    """

    async def perform(request: Message) -> Message:
        began = clock.elapsed()
        event = {"kind": "op", "op": request["do"], "conn": request["conn"]}

        def tell(outcome: Message) -> None:
            now = {"t": clock.now(), "took": clock.elapsed() - began}
            emit(event | outcome | now | accounts(request["conn"]))

        try:
            async with asyncio.timeout(request["within"] + quiet_time(request)):
                outcome = await operation(request)
        except OSError as error:
            text = error.strerror or f"not done within {request['within']:g} s"
            failed = {"errno": errno_name(error), "error": text}
            tell({"status": "error", **failed})
            return {"ok": False, **failed}
        tell({"status": "ok", **outcome})
        return {}

    return perform
