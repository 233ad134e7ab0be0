"""What a node's programs use of its transport, whoever's it is: the kernel's or our own.

Endpoints are an address as text and a port. What is wrong is an OSError with the errno that
socket(7), tcp(7) and udp(7) give. Calls that wait can be cancelled: what they would have taken is
still there, what they have sent is sent. ``options`` are the fields of SocketOptions.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from netlab.agent.channel import Message
from netlab.wire.icmp import Icmp, Type
from netlab.wire.icmpv6 import Icmpv6
from netlab.wire.packet import Packet

Endpoint: TypeAlias = tuple[str, int]
Data: TypeAlias = bytes | bytearray | memoryview


class Socket(Protocol):
    """What sockets of TCP and of UDP have in common."""

    @property
    def local(self) -> str:
        """As events write endpoints: ``10.0.0.1:7``, ``[fd00::1]:7``, ``*:7``."""

    @property
    def foreign(self) -> str: ...

    def apply(self, options: Message) -> None:
        """Set those that are not None."""

    def kept(self, options: Message) -> Message:
        """What became of ``options``: systems round and limit some."""

    def bind(self, local: Endpoint, *, unprivileged: bool = False) -> None:
        """EACCES for a port below 1024 when ``unprivileged``. An empty address is any of them."""

    async def connect(self, remote: Endpoint) -> None: ...

    async def close(self) -> None:
        """Waits for the peer only where the linger option says so. Harmless when done before."""


class StreamSocket(Socket, Protocol):
    """One end of a connection."""

    async def send(self, data: Data, *, more: bool = False, urgent: bool = False) -> None:
        """Returns when the stack has a copy of all of it, whatever the peer has."""

    def send_now(self, data: Data) -> int:
        """What is taken at once; BlockingIOError if that is nothing."""

    async def receive(self, size: int) -> bytes:
        """At least one byte and at most ``size``; empty at the end of the peer's data."""

    def receive_now(self, size: int) -> bytes:
        """What is there; BlockingIOError if that is nothing."""

    async def until_readable(self) -> None: ...

    async def until_writable(self) -> None: ...

    def shutdown(self) -> None:
        """No more to send: FIN."""

    async def reset(self) -> None:
        """Close with RST."""

    async def until_urgent(self) -> None:
        """Until urgent data is announced."""

    @property
    def is_inline(self) -> bool:
        """Whether an urgent byte stays in the stream (SO_OOBINLINE)."""

    @property
    def is_at_mark(self) -> bool:
        """Whether the next byte to be read is the urgent one, or comes behind it."""

    def urgent_byte(self) -> bytes:
        """Out of band. EAGAIN: announced, not here yet; EINVAL: none, read already, or inline."""


@dataclass(frozen=True, slots=True)
class Datagram:
    """What was ``kept`` of a datagram of ``length`` bytes."""

    kept: bytes
    length: int
    sender: str


class DatagramSocket(Socket, Protocol):
    async def send(self, data: Data, to: Endpoint | None = None) -> None:
        """One datagram, whole or not at all; to whom it is connected unless ``to`` is given."""

    async def receive(self, room: int) -> Datagram: ...

    def receive_now(self, room: int) -> Datagram:
        """BlockingIOError if none is there."""

    async def until_readable(self) -> None: ...

    def join(self, group: str, interface: str) -> None: ...

    def leave(self, group: str, interface: str) -> None: ...

    def set_multicast(self, *, ttl: int | None, loop: bool | None, interface: str | None) -> None:
        """How far datagrams to groups go, whether this node hears them, and from where they go."""

    def allow_broadcast(self) -> None: ...

    def hear_errors(self) -> None:
        """Every ICMP error becomes the socket's error, soft ones (RFC 1122, 4.2.3.9) too."""


class Listener(Protocol):
    @property
    def local(self) -> str: ...

    def kept(self, options: Message) -> Message: ...

    async def accept(self) -> tuple[StreamSocket, str]:
        """A connection, and the client's name: one that is gone already has none to be asked."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Heard:
    """A message; ``quoted`` is the packet that an error is about. ``data`` is behind the header."""

    source: str
    message: Icmp | Icmpv6
    data: bytes
    quoted: Packet | None

    @property
    def kind(self) -> str:
        """``3/13``."""
        return f"{self.message.type}/{self.message.code}"

    @property
    def is_redirect(self) -> bool:
        """An error in form only: the packet that it quotes went on (RFC 792)."""
        return isinstance(self.message, Icmp) and self.message.type == Type.REDIRECT


class IcmpSocket(Protocol):
    """A raw socket of ICMP, or of ICMPv6."""

    @property
    def version(self) -> int: ...

    def set_hops(self, number: int) -> None: ...

    def set_dont_fragment(self, *, df: bool) -> None:
        """Set DF whatever is known of the path's MTU; or let the packets be fragmented."""

    def set_multicast(self, *, hops: int, interface: str) -> None:
        """How far messages to groups go, and from where they go."""

    async def send(self, message: bytes, target: str) -> None:
        """ICMPv6 is summed up by the stack (RFC 3542, 3.1), ICMP by its sender."""

    def heard(self) -> AsyncIterator[Heard]:
        """All messages from the socket's beginning on."""

    def close(self) -> None: ...


class Tap(Protocol):
    """The IP datagrams that come to this node, for itself or to be passed on."""

    def take(self) -> list[bytes]:
        """What has come since the last call."""

    async def until_news(self) -> None:
        """Until there is something to take."""

    def close(self) -> None: ...


class Network(Protocol):
    """A node's transport."""

    @property
    def interfaces(self) -> Sequence[str]:
        """Without the loopback."""

    def make_room(self) -> None:
        """For more sockets than a program has as a rule."""

    def stream(self, address: str) -> StreamSocket:
        """Bound to nothing, of the version of IP that ``address`` is of."""

    def datagrams(self, address: str) -> DatagramSocket: ...

    def listen(self, request: Message) -> Listener:
        """What a request for a TCP service asks for; ``address`` None is all of them."""

    def bound(self, request: Message) -> DatagramSocket:
        """What a request for a UDP service asks for, with its ``groups`` joined."""

    def icmp(self, version: int) -> IcmpSocket: ...

    def tap(self) -> Tap: ...

    def source_for(self, target: str) -> str:
        """The address that a datagram to ``target`` would come from. OSError when there is none."""

    async def send_packet(self, packet: bytes, target: str) -> None:
        """A whole IP datagram, whoever it says that it is from."""
