"""User processes with raw ICMP sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from netlab import clock
from netlab.agent.channel import Emit, Message
from netlab.agent.flow import flow_of
from netlab.agent.network import Heard, IcmpSocket, Network
from netlab.agent.operations import reported
from netlab.wire.address import from_text, to_text


class Observers:
    def __init__(self, network: Network, emit: Emit) -> None:
        self._network = network
        self._emit = emit
        self._observers: dict[str, list[tuple[IcmpSocket, asyncio.Task[None]]]] = {}
        self.verbs: dict[str, Callable[[Message], Awaitable[Message | None]]] = {
            "observe": reported(emit, self._observe),
            "stop": reported(emit, self._stop),
        }

    async def _observe(self, request: Message) -> Message:
        """Tell each ICMP error that a raw socket hears, as an `icmp` event, until it is stopped."""
        name = request["conn"]
        sockets = [self._network.icmp(version) for version in (4, 6)]
        self._observers[name] = [
            (each, asyncio.create_task(self._hear(name, each, request["errors_only"])))
            for each in sockets
        ]
        return {}

    async def _hear(self, name: str, socket: IcmpSocket, errors_only: bool) -> None:
        async for heard in socket.heard():
            if heard.message.is_error or not errors_only:
                self._emit(_told(name, socket.version, heard))

    async def _stop(self, request: Message) -> Message:
        for socket, hearing in self._observers.pop(request["conn"], []):
            hearing.cancel()
            socket.close()
        return {}


def _told(name: str, version: int, heard: Heard) -> Message:
    message = heard.message
    quoted = heard.quoted
    about = flow_of(quoted) if quoted is not None else None
    gateway = getattr(message, "gateway", None)
    details = {
        "mtu": message.mtu,
        "pointer": message.pointer,
        "gateway": to_text(gateway) if gateway else None,
        "about": " ".join((about[0], about[1], "to", about[2])) if about else None,
    }
    return {
        "kind": "icmp",
        "t": clock.now(),
        "conn": name,
        "version": version,
        "type": message.type,
        "code": message.code,
        "from": to_text(from_text(heard.source)),
        **{key: value for key, value in details.items() if value is not None},
    }
