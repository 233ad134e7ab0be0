"""What programs need of a network, whoever's stack it is.

Endpoints are an address as text and a port. Calls that fail raise OSError with the errno that
socket(7), tcp(7) and udp(7) give. Calls that wait can be cancelled, also by ``asyncio.timeout``:
what they would have taken is still there, what they have sent is sent. Times are nanoseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from netlab.stack.raw import RawDatagram
from netlab.stack.tcp.settings import DEFAULT, Settings
from netlab.stack.udp.settings import UdpSettings

Endpoint: TypeAlias = tuple[str, int]
Data: TypeAlias = bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True)
class Datagram:
    """``data`` is what the buffer took of ``length`` bytes; ``destination`` may be a group."""

    data: bytes
    sender: Endpoint
    length: int
    destination: str
    interface: str
    hop_limit: int
    traffic_class: int

    @property
    def is_truncated(self) -> bool:
        return len(self.data) < self.length


class Stream(Protocol):
    """One end of a connection. After ``close`` and ``abort`` every call raises EBADF."""

    @property
    def local(self) -> Endpoint: ...

    @property
    def remote(self) -> Endpoint: ...

    async def send(self, data: Data, *, urgent: bool = False) -> None:
        """Returns when the stack has a copy of all of it, whatever the peer has."""

    def send_now(self, data: Data, *, urgent: bool = False) -> int:
        """What the stack takes at once; BlockingIOError if that is nothing."""

    async def receive(self, size: int) -> bytes:
        """At least one byte and at most ``size``; empty at the end of the peer's data."""

    def receive_now(self, size: int) -> bytes:
        """What is there; BlockingIOError if that is nothing."""

    async def until_readable(self) -> None: ...

    async def until_writable(self) -> None: ...

    async def until_urgent(self) -> None:
        """Until there is urgent data to read; ConnectionResetError if its end comes first."""

    def change(self, **options: Any) -> None:
        """Options that may change during a connection; EINVAL for the others."""

    def shutdown(self) -> None:
        """No more to send."""

    async def close(self) -> None:
        """Waits for the peer only where the linger option says so."""

    def abort(self) -> None:
        """Reset the connection."""


class Listener(Protocol):
    @property
    def local(self) -> Endpoint: ...

    async def accept(self) -> Stream: ...

    def accept_now(self) -> Stream:
        """BlockingIOError if no connection waits."""

    def close(self) -> None: ...


class Datagrams(Protocol):
    """A socket of UDP."""

    @property
    def local(self) -> Endpoint: ...

    @property
    def remote(self) -> Endpoint: ...

    def bind(self, local: Endpoint) -> None: ...

    def connect(self, remote: Endpoint) -> None: ...

    def send(self, data: Data, to: Endpoint | None = None) -> None:
        """One datagram, to whom it is connected unless ``to`` says otherwise."""

    async def receive(self, size: int = 65535) -> Datagram: ...

    def receive_now(self, size: int = 65535) -> Datagram:
        """BlockingIOError if none is there."""

    def join(self, group: str, interface: str) -> None: ...

    def leave(self, group: str, interface: str) -> None: ...

    def close(self) -> None: ...


class Raw(Protocol):
    """A socket of a protocol above IP: it sees copies of what comes, and sends what it is told."""

    def send(self, data: Data, to: str, *, hop_limit: int | None = None) -> None:
        """ICMPv6 is summed up, other protocols are not (RFC 3542, 3.1)."""

    async def receive(self) -> RawDatagram: ...

    def receive_now(self) -> RawDatagram: ...

    def close(self) -> None: ...


class Network(Protocol):
    """What the programs of one host open."""

    async def connect(
        self, remote: Endpoint, *, local: Endpoint | None = None, settings: Settings = DEFAULT
    ) -> Stream: ...

    def listen(
        self, local: Endpoint, *, backlog: int = 128, settings: Settings = DEFAULT
    ) -> Listener: ...

    def datagrams(self, *, v6: bool = False, settings: UdpSettings | None = None) -> Datagrams: ...

    def raw(self, protocol: int, *, v6: bool = False) -> Raw: ...
