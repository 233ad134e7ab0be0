"""Many connections at once, told apart by their index."""

from __future__ import annotations

import asyncio
import errno
from collections import Counter

from netlab import clock
from netlab.agent import payload
from netlab.agent.channel import Emit, Message
from netlab.agent.errnos import errno_name
from netlab.agent.held_stream import HeldStream
from netlab.agent.network import Network

#: What a connection failed with that the kernel had not given up.
_DEADLINE = "deadline"


class Crowd:
    """The connections of one ``many`` step."""

    def __init__(self, network: Network, request: Message, emit: Emit) -> None:
        self._network = network
        self._request = request
        self._emit = emit
        self._errnos: Counter[str] = Counter()
        self._connecting = request["count"]
        self._connected = asyncio.Event()

    async def run(self) -> Message:
        """All of them to their end; OSError, with the count of each errno, when some failed."""
        self._network.make_room()
        async with asyncio.TaskGroup() as group:
            for index in range(1, self._request["count"] + 1):
                group.create_task(self._one(index))
        failed = self._errnos.total()
        if failed:
            each = ", ".join(f"{name} {n}" for name, n in self._errnos.most_common())
            text = f"{failed} of {self._request['count']} connections failed: {each}"
            commonest = self._errnos.most_common(1)[0][0]
            raise OSError(getattr(errno, commonest, 0), text)
        return {"count": self._request["count"]}

    async def _one(self, index: int) -> None:
        if rate := self._request["rate"]:
            await asyncio.sleep((index - 1) / rate)
        held = HeldStream(self._network.stream(self._request["address"]))
        try:
            if await self._connect(index, held) and await self._exchange(index, held):
                await asyncio.sleep(self._request["hold"])
        finally:
            await held.socket.close()

    async def _connect(self, index: int, held: HeldStream) -> bool:
        request = self._request
        began = clock.elapsed()
        try:
            held.socket.apply(request["options"])
            async with asyncio.timeout(request["patience"]):
                await held.socket.connect((request["address"], request["port"]))
        except OSError as error:
            self._tell(index, "connect", began, held, error)
            return False
        finally:
            self._count_connected()
        self._tell(index, "connect", began, held)
        return True

    def _count_connected(self) -> None:
        self._connecting -= 1
        if self._connecting == 0:
            event = {"kind": "op", "op": "many", "conn": self._request["conn"], "status": "ok"}
            self._emit(event | {"stage": "connected", "t": clock.now(), **self._failures()})

    def _failures(self) -> Message:
        return {"count": self._request["count"], "failed": dict(self._errnos)}

    async def _exchange(self, index: int, held: HeldStream) -> bool:
        """Send, and read the reply, ``times`` times; each exchange is an event."""
        request = self._request
        if not request["payload_size"] and not request["reply"]:
            return True
        for _ in range(request["times"]):
            began = clock.elapsed()
            try:
                async with asyncio.timeout(request["patience"]):
                    if request["payload_size"]:
                        key = {**request, "conn": f"{request['conn']}.{index}"}
                        await held.send(payload.of(key, held.accounts.sent.size))
                    await held.receive({"size": request["reply"]}, bytearray())
            except OSError as error:
                self._tell(index, "request", began, held, error)
                return False
            self._tell(index, "request", began, held)
        return True

    def _tell(
        self, index: int, op: str, began: int, held: HeldStream, error: OSError | None = None
    ) -> None:
        event = {"kind": "op", "op": op, "conn": self._request["conn"], "index": index}
        now = {"t": clock.now(), "took": clock.elapsed() - began}
        if error is None:
            outcome = {"status": "ok", "local": held.socket.local, "foreign": held.socket.foreign}
        else:
            name = errno_name(error)
            self._errnos[name or _DEADLINE] += 1
            text = error.strerror or f"not done within {self._request['patience']:g} s"
            outcome = {"status": "error", "errno": name, "error": text}
        accounts = held.accounts
        sizes = {"sent": accounts.sent.size, "received": accounts.received.size}
        self._emit(event | now | outcome | sizes)
