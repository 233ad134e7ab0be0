"""Datagrams as they cross the stack: come in, on their way out, and as frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import Ipv6

if TYPE_CHECKING:
    from netlab.stack.ip.interface import Interface

Buffer: TypeAlias = bytes | memoryview
IpHeader: TypeAlias = Ipv4 | Ipv6


@dataclass(frozen=True, slots=True)
class Segmentation:
    """What is left to an interface: to cut the payload, and to sum up.

    ``size`` is the payload's bytes in each packet, 0 where there is nothing to cut. The transport
    header starts ``checksum_start`` bytes into the IP datagram and has its checksum
    ``checksum_offset`` bytes on, where the pseudo header's sum stands.
    """

    size: int
    checksum_start: int
    checksum_offset: int


@dataclass(frozen=True, slots=True)
class Received:
    """A whole datagram that has come in; ``payload`` follows the IP header and its extensions.

    ``datagram`` is all of it, as an ICMP error quotes it. ``is_for_many``: it came by broadcast or
    multicast, of either layer, and no error may answer it. ``is_verified``: the transport's
    checksum needs no look. ``segmentation``: it has not been cut and summed up yet.
    """

    interface: Interface
    ip: IpHeader
    payload: Buffer
    datagram: Buffer
    is_for_many: bool = False
    is_verified: bool = False
    segmentation: Segmentation | None = None


@dataclass(frozen=True, slots=True)
class Outbound:
    """A datagram that fits its link. ``head`` are its headers, at least that of IP."""

    head: bytes
    payload: Buffer = b""
    segmentation: Segmentation | None = None

    def joined(self) -> bytes:
        return b"".join((self.head, self.payload))


@dataclass(frozen=True, slots=True)
class Frame:
    """An Ethernet frame to be sent: its headers, and a payload that nobody has copied yet.

    ``segmentation`` counts from the start of the IP datagram, 14 bytes into the frame.
    """

    interface: str
    head: bytes
    payload: Buffer = b""
    segmentation: Segmentation | None = None
