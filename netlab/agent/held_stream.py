"""A client's TCP connection that the scenario has named, and what goes over it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from netlab.agent.channel import Message
from netlab.agent.conversation import Accounts
from netlab.agent.excerpt import EXCERPT_SIZE, text_of
from netlab.agent.framing import Framing, framing
from netlab.agent.network import StreamSocket
from netlab.agent.services import READ_SIZE


@dataclass(slots=True)
class HeldStream:
    socket: StreamSocket
    accounts: Accounts = field(default_factory=Accounts)

    async def send(self, data: bytes, *, more: bool = False, urgent: bool = False) -> None:
        await self.socket.send(data, more=more, urgent=urgent)
        self.accounts.sent.add(data)

    async def receive(self, wanted: Message, kept: bytearray) -> None:
        """Read what is ``wanted`` into ``kept``, as much of it as somebody looks at."""
        if (framed := framing(wanted)) is not None:
            await self._receive_message(framed, kept)
            return
        text = wanted.get("text")
        size = len(text.encode()) if text is not None else wanted.get("size")
        keep = max(EXCERPT_SIZE, size or 0) if text is not None else EXCERPT_SIZE
        at_once = wanted.get("by") or READ_SIZE
        total = 0
        while size is None or total < size:
            if total and wanted.get("every"):
                await asyncio.sleep(wanted["every"])
            data = await self.receive_any(at_once if size is None else min(at_once, size - total))
            if not data:
                if size is None:
                    return
                raise OSError(104, f"the peer closed after {total} of {size} bytes")
            total += len(data)
            kept += data[: max(0, keep - len(kept))]

    async def _receive_message(self, framed: Framing, kept: bytearray) -> None:
        """Read up to the end of one message and no further."""
        frame = b""
        while missing := framed.missing(frame):
            data = await self.receive_any(missing)
            if not data:
                raise OSError(104, f"the peer closed after {len(frame)} bytes of a message")
            frame += data
        kept += framed.message(frame)

    async def receive_urgent(self) -> Message:
        """The urgent byte: out of band, or, inline, behind what comes before the mark."""
        await self.socket.until_urgent()
        if not self.socket.is_inline:
            return {"bytes": 1, "text": text_of(self.socket.urgent_byte()), "inline": False}
        before = 0
        while not self.socket.is_at_mark:
            data = await self.receive_any()
            if not data:
                raise OSError(104, "the peer closed before its urgent byte")
            before += len(data)
        octet = await self.receive_any(1)
        return {"bytes": before + 1, "before": before, "text": text_of(octet), "inline": True}

    async def receive_any(self, size: int = READ_SIZE) -> bytes:
        """Empty at the end of the peer's data."""
        data = await self.socket.receive(size)
        self.accounts.received.add(data)
        return data
