"""ICMP echo: are they there, how far away, and who says that they are not (RFC 792, RFC 4443)."""

from __future__ import annotations

import asyncio
from contextlib import closing

from netlab import clock
from netlab.agent.channel import Message
from netlab.agent.echo import Echoes
from netlab.agent.network import IcmpSocket, Network


async def ping(network: Network, request: Message) -> Message:
    """Send ``count`` echo requests, wait ``timeout`` seconds for the last reply, and sum up."""
    echoes = Echoes(request)
    with closing(network.icmp(echoes.version)) as socket:
        if request["ttl"] is not None:
            socket.set_hops(request["ttl"])
        if request["df"] is not None:
            socket.set_dont_fragment(df=request["df"])
        series = _Series(socket, echoes, request)
        listening = asyncio.create_task(series.listen())
        try:
            await series.send()
            await series.wait(request["timeout"])
        finally:
            listening.cancel()
        return series.summary()


class _Series:
    def __init__(self, socket: IcmpSocket, echoes: Echoes, request: Message) -> None:
        self._socket = socket
        self._echoes = echoes
        self._request = request
        self._sent: dict[int, int] = {}
        self._probes: dict[int, Message] = {}
        self._settled = asyncio.Event()

    async def send(self) -> None:
        data = bytes(each & 0xFF for each in range(self._request["size"]))
        for number in range(1, self._request["count"] + 1):
            if number > 1:
                await asyncio.sleep(self._request["interval"])
            self._sent[number] = clock.elapsed()
            try:
                message = self._echoes.message(number, data)
                await self._socket.send(message, self._request["address"])
            except OSError as error:
                self._settle(number, {"error": error.strerror, "from": None})

    async def listen(self) -> None:
        async for heard in self._socket.heard():
            now = clock.elapsed()
            if (number := self._echoes.replied(heard)) in self._sent:
                rtt = now - self._sent[number]
                self._settle(number, {"rtt": rtt, "from": heard.source, "bytes": len(heard.data)})
            elif (number := self._echoes.failed(heard)) in self._sent:
                mtu = {"mtu": heard.message.mtu} if heard.message.mtu is not None else {}
                self._settle(number, {"error": heard.kind, "from": heard.source, **mtu})

    def _settle(self, number: int, outcome: Message) -> None:
        self._probes.setdefault(number, {"seq": number, **outcome})
        if len(self._probes) == self._request["count"]:
            self._settled.set()

    async def wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._settled.wait()
        except TimeoutError:
            return  # what has not come by now is lost

    def summary(self) -> Message:
        probes = [self._probes.get(number, {"seq": number, "lost": True}) for number in self._sent]
        times = [probe["rtt"] for probe in probes if "rtt" in probe]
        rtt = (
            {"min": min(times), "avg": sum(times) // len(times), "max": max(times)}
            if times
            else None
        )
        return {
            "to": self._request["address"],
            "transmitted": len(probes),
            "replies": len(times),
            "rtt": rtt,
            "probes": probes,
        }
