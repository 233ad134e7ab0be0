"""Whole Ethernet frames, as one host sends them to another."""

from __future__ import annotations

from netlab.testing.datagrams import make
from netlab.wire import arp, ethernet, icmpv6, ipv4, ipv6
from netlab.wire.arp import Arp
from netlab.wire.ethernet import Ethernet
from netlab.wire.icmp import Icmp
from netlab.wire.icmpv6 import Icmpv6
from netlab.wire.tcp import Flags, Tcp
from netlab.wire.udp import Udp

ADDRESSES = {4: (bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])), 6: (b"\xfd" * 16, b"\xfc" * 16)}
_MACS = (b"\x02\0\0\0\0\x0a", b"\x02\0\0\0\0\x0b")

#: Of an Ethernet, an IPv4 and a UDP header, bytes.
_HEADERS = 42


def udp(number: int, size: int = 60, *, version: int = 4, port: int = 7) -> bytes:
    """A datagram in a frame of ``size`` bytes over IPv4; its data begins with ``number``."""
    data = number.to_bytes(4, "big").ljust(size - _HEADERS, b"\0")
    return frame(Udp(40_000, port), data, version=version)


def number_of(datagram: bytes) -> int:
    """Which number ``udp`` was given."""
    start = _HEADERS if datagram[12:14] == b"\x08\x00" else _HEADERS + 20
    return int.from_bytes(datagram[start : start + 4], "big")


def tcp(
    flags: Flags,
    sequence: int = 0,
    acknowledgment: int = 0,
    *,
    data: bytes = b"",
    version: int = 4,
    back: bool = False,
) -> bytes:
    """A segment from port 40000 to port 7, or ``back``."""
    ports = (7, 40_000) if back else (40_000, 7)
    header = Tcp(*ports, sequence, acknowledgment, flags)
    return frame(header, data, version=version, back=back)


def frame(
    header: Tcp | Udp | Icmp | Icmpv6, data: bytes, *, version: int = 4, back: bool = False
) -> bytes:
    source, destination = ADDRESSES[version][::-1] if back else ADDRESSES[version]
    datagram = make(header, data, source, destination).emit()
    macs = _MACS[::-1] if back else _MACS
    kind = ipv4.ETHERTYPE if version == 4 else ipv6.ETHERTYPE
    return Ethernet(macs[1], macs[0], kind).emit(datagram)


def arp_request() -> bytes:
    asking, asked = ADDRESSES[4]
    request = Arp(arp.Operation.REQUEST, _MACS[0], asking, bytes(6), asked)
    return Ethernet(ethernet.BROADCAST, _MACS[0], arp.ETHERTYPE).emit(request.emit())


def neighbour_solicitation() -> bytes:
    return frame(Icmpv6(icmpv6.Type.NEIGHBOR_SOLICITATION), ADDRESSES[6][1], version=6)
