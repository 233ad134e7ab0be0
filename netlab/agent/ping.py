"""ICMP echo: are they there, how far away, and who says that they are not (RFC 792, RFC 4443)."""

from __future__ import annotations

import asyncio
import os

from netlab import clock
from netlab.agent.channel import Message
from netlab.agent.icmp_socket import Heard, IcmpSocket, version_of
from netlab.wire import icmp, icmpv6
from netlab.wire.address import from_text

_REPLIES = frozenset({(4, icmp.Type.ECHO_REPLY), (6, icmpv6.Type.ECHO_REPLY)})


async def ping(request: Message) -> Message:
    """Send ``count`` echo requests, wait ``timeout`` seconds for the last reply, and sum up."""
    target = request["address"]
    with IcmpSocket(version_of(target)) as socket:
        if request["ttl"] is not None:
            socket.set_hops(request["ttl"])
        if request["df"] is not None:
            socket.set_dont_fragment(df=request["df"])
        series = _Series(socket, target, request)
        listening = asyncio.create_task(series.listen())
        try:
            await series.send()
            await series.wait(request["timeout"])
        finally:
            listening.cancel()
        return series.summary()


class _Series:
    def __init__(self, socket: IcmpSocket, target: str, request: Message) -> None:
        self._socket = socket
        self._target = target
        self._request = request
        self._identifier = os.getpid() & 0xFFFF ^ (clock.elapsed() >> 10 & 0xFFFF)
        self._sent: dict[int, int] = {}
        self._probes: dict[int, Message] = {}
        self._settled = asyncio.Event()

    async def send(self) -> None:
        loop = asyncio.get_running_loop()
        for number in range(1, self._request["count"] + 1):
            if number > 1:
                await asyncio.sleep(self._request["interval"])
            self._sent[number] = clock.elapsed()
            try:
                await loop.sock_sendto(
                    self._socket.socket, self._message(number), (self._target, 0)
                )
            except OSError as error:
                self._settle(number, {"error": error.strerror, "from": None})

    def _message(self, number: int) -> bytes:
        size = self._request["size"]
        data = bytes(each & 0xFF for each in range(size))
        if self._socket.version == 4:
            return icmp.echo(self._identifier, number).emit(data)
        # The kernel knows the source address, and so makes the checksum (RFC 3542, 3.1).
        return icmpv6.echo(self._identifier, number).emit(data, bytes(16), bytes(16))

    async def listen(self) -> None:
        async for heard in self._socket.heard():
            now = clock.elapsed()
            if (number := self._reply_to(heard)) is not None:
                rtt = now - self._sent[number]
                self._settle(number, {"rtt": rtt, "from": heard.source, "bytes": len(heard.data)})
            elif (number := self._error_about(heard)) is not None:
                mtu = {"mtu": heard.message.mtu} if heard.message.mtu is not None else {}
                self._settle(number, {"error": heard.kind, "from": heard.source, **mtu})

    def _reply_to(self, heard: Heard) -> int | None:
        message = heard.message
        if (self._socket.version, message.type) not in _REPLIES:
            return None
        return self._own(message.identifier, message.sequence)

    def _error_about(self, heard: Heard) -> int | None:
        if heard.quoted is None or heard.quoted.ip is None or heard.is_redirect:
            return None
        if heard.quoted.ip.destination != from_text(self._target):
            return None
        echo = heard.quoted.icmp or heard.quoted.icmpv6
        return self._own(echo.identifier, echo.sequence) if echo else None

    def _own(self, identifier: int | None, sequence: int | None) -> int | None:
        return sequence if identifier == self._identifier and sequence in self._sent else None

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
            "to": self._target,
            "transmitted": len(probes),
            "replies": len(times),
            "rtt": rtt,
            "probes": probes,
        }
