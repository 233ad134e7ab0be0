"""A bulk transfer: so many bytes, then FIN, while what comes back is read to its end."""

from __future__ import annotations

import asyncio

from netlab import clock
from netlab.agent import payload
from netlab.agent.channel import Message
from netlab.agent.held_stream import HeldStream

#: Made and sent at once: small enough to be cheap to keep, large enough for few system calls.
_PIECE = 256 * 1024


async def transfer(held: HeldStream, request: Message) -> Message:
    """Bytes of payload, and the goodput in bytes/s from the first one sent to the peer's FIN.

    OSError (EBADMSG) when the peer sends as much back and it is something else.
    """
    sent, received = held.accounts.sent, held.accounts.received
    before = sent.size, received.size
    pieces = _pieces(request, sent.size)
    began = clock.elapsed()
    reading = asyncio.create_task(held.receive({}, bytearray()))
    try:
        for piece in pieces:
            await held.send(piece)
        held.socket.shutdown()
        await reading
    finally:
        reading.cancel()
    took = clock.elapsed() - began
    size, back = sent.size - before[0], received.size - before[1]
    if sent.size == received.size and sent.digest.digest() != received.digest.digest():
        raise OSError(74, "what came back is not what was sent")
    return {"bytes": size, "back": back, "goodput": round(size * 1e9 / took)}


def _pieces(request: Message, offset: int) -> list[bytes]:
    """All of it, made before the clock starts."""
    data = payload.of(request, offset)
    return [data[start : start + _PIECE] for start in range(0, len(data), _PIECE)]
