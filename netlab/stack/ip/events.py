"""What a host tells of its network layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netlab.stack.raw import RawSocket


@dataclass(frozen=True, slots=True)
class NeighbourChanged:
    """``state`` is a name of RFC 4861, or NONE for one that is forgotten; ``mac`` may be empty."""

    time: int
    interface: str
    address: bytes
    state: str
    mac: bytes


@dataclass(frozen=True, slots=True)
class AddressChanged:
    """``state`` is one of RFC 4862's, ``duplicated``, or ``removed``; ``rival`` who has it, too."""

    time: int
    interface: str
    address: bytes
    state: str
    rival: bytes = b""


@dataclass(frozen=True, slots=True)
class RouteChanged:
    """A redirect or an advertisement changed the way to a prefix; ``gateway`` None: on the link."""

    time: int
    interface: str
    prefix: bytes
    prefix_length: int
    gateway: bytes | None
    is_added: bool = True


@dataclass(frozen=True, slots=True)
class PathMtuChanged:
    """``mtu`` is None when the old value is not believed any longer."""

    time: int
    destination: bytes
    mtu: int | None


@dataclass(frozen=True, slots=True)
class RawReady:
    """The socket has something to receive that had nothing before."""

    socket: RawSocket


Event = NeighbourChanged | AddressChanged | RouteChanged | PathMtuChanged | RawReady
