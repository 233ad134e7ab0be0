"""What a connection needs of the layer it lives in, and the layer of IP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from netlab.stack.events import TcpEvent
    from netlab.stack.tcp.connection import Connection
    from netlab.stack.tcp.outgoing import Outgoing


class Paths(Protocol):
    """What IP knows of the way to an address (raw bytes). IP implements it."""

    def source_for(self, destination: bytes) -> bytes:
        """The local address to send from; OSError with the errno where there is no route."""

    def is_own(self, address: bytes) -> bool:
        """Whether it is one of this host."""

    def mtu(self, destination: bytes, *, ignore_path: bool = False) -> int:
        """The largest packet that arrives there whole, as far as is known; or leaves so."""

    def send_limit(self, destination: bytes) -> int:
        """The most payload that one Outgoing may have: above the MSS where it is cut later."""


class Owner(Protocol):
    """The layer, as its connections see it."""

    @property
    def paths(self) -> Paths: ...

    def changed(self, connection: Connection) -> None:
        """It has something to send, or another deadline."""

    def post(self, outgoing: Outgoing) -> None:
        """A segment that leaves before all others."""

    def tell(self, event: TcpEvent) -> None: ...

    def readable(self, connection: Connection) -> None:
        """There is more to read, or the end of it: to be told once before it is heard."""

    def observe(self, event: TcpEvent) -> None: ...

    def waits(self, connection: Connection, now: int) -> None:
        """It came to TIME_WAIT, which many may not be in."""

    def gone(self, connection: Connection) -> None:
        """It is CLOSED: its pair is free again."""
