"""Two nodes on one link by whatever transport, for stories that hold for each.

The client is 10.0.0.1 and fd00::1, the server 10.0.0.2 and fd00::2; the interface of both is eth0.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast

from netlab import apart, linux
from netlab.agent.channel import Message
from netlab.agent.kernel.network import KernelNetwork
from netlab.agent.network import DatagramSocket, Network, StreamSocket
from netlab.agent.userspace.network import StackNetwork
from netlab.backends.netns import userns
from netlab.testing.userspace import Setting, built
from netlab.testing.worlds import two_hosts

CLIENT = {4: "10.0.0.1", 6: "fd00::1"}
SERVER = {4: "10.0.0.2", 6: "fd00::2"}
INTERFACE = "eth0"

#: The port of services, and one where nobody listens.
PORT, CLOSED = 7000, 7001

#: Seconds.
_WITHIN = 15.0


@dataclass(frozen=True)
class Ends:
    client: Network
    server: Network

    async def connected(
        self, version: int = 4, *, options: Message | None = None, service: Message | None = None
    ) -> tuple[StreamSocket, StreamSocket]:
        """Both ends of a new connection; ``options`` are the client's, ``service`` the server's."""
        listener = self.server.listen(tcp_service(version, options=service or {}))
        stream = self.client.stream(SERVER[version])
        stream.apply(options or {})
        await stream.connect((SERVER[version], PORT))
        accepted, _ = await listener.accept()
        listener.close()
        return stream, accepted

    def datagrams(self, version: int = 4) -> tuple[DatagramSocket, DatagramSocket]:
        """The client's socket, and the server's, which is bound to ``PORT``."""
        bound = self.server.bound(udp_service(version))
        return self.client.datagrams(SERVER[version]), bound


def tcp_service(version: int | None = 4, **more: Any) -> Message:
    """A request for one; without a version, of all addresses."""
    address = SERVER[version] if version else None
    fixed = {"transport": "tcp", "address": address, "port": PORT, "backlog": 8}
    return {**fixed, "options": {}, **more}


def udp_service(version: int | None = 4, **more: Any) -> Message:
    return tcp_service(version, **{"transport": "udp", "groups": [], **more})


async def read(stream: StreamSocket, size: int) -> bytes:
    """Exactly so much, unless the peer's data ends before."""
    data = bytearray()
    while len(data) < size and (part := await stream.receive(size - len(data))):
        data += part
    return bytes(data)


Story = Callable[[Ends], Awaitable[None]]
Play = Callable[[Story], None]


def on_kernel(story: Story) -> None:
    """Play it in two network namespaces."""

    def task() -> None:
        userns.enter(linux.CLONE_NEWNET)
        with built(Setting(is_userspace=False)) as (client, server):
            ends = Ends(_within(client), _within(server))
            asyncio.run(asyncio.wait_for(_told(story, ends), _WITHIN))

    apart.call(task)


def on_stack(story: Story) -> None:
    """Play it in a world of virtual time."""
    two = two_hosts()
    # Either host is as good a client; the addresses are to be those of the kernel's.
    ends = Ends(StackNetwork(two.server), StackNetwork(two.client))
    two.play(lambda _: asyncio.wait_for(_told(story, ends), _WITHIN))


async def _told(story: Story, ends: Ends) -> None:
    await story(ends)


class _Within:
    """Asks for what it stands for in a network namespace, which interfaces' names are of."""

    def __init__(self, namespace: int, real: Any) -> None:
        self._namespace = namespace
        self._real = real

    def __getattr__(self, name: str) -> Any:
        linux.setns(self._namespace, linux.CLONE_NEWNET)
        return getattr(self._real, name)

    def datagrams(self, address: str) -> Any:
        return _Within(self._namespace, self.__getattr__("datagrams")(address))

    def bound(self, request: Message) -> Any:
        return _Within(self._namespace, self.__getattr__("bound")(request))

    def icmp(self, version: int) -> Any:
        return _Within(self._namespace, self.__getattr__("icmp")(version))


def _within(namespace: int) -> Network:
    return cast("Network", _Within(namespace, KernelNetwork()))
