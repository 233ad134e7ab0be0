"""ARP for IPv4 over Ethernet (RFC 826)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from struct import Struct

from netlab.wire.errors import ParseError

ETHERTYPE = 0x0806
LENGTH = 28

_PACKET = Struct("!HHBBH6s4s6s4s")
_ETHERNET_IPV4 = (1, 0x0800, 6, 4)


class Operation(IntEnum):
    REQUEST = 1
    REPLY = 2


@dataclass(frozen=True, slots=True)
class Arp:
    """``operation`` is one of Operation, or another number that the wire carried."""

    operation: int
    sender_hardware_address: bytes
    sender_protocol_address: bytes
    target_hardware_address: bytes
    target_protocol_address: bytes

    def emit(self) -> bytes:
        return _PACKET.pack(
            *_ETHERNET_IPV4,
            self.operation,
            self.sender_hardware_address,
            self.sender_protocol_address,
            self.target_hardware_address,
            self.target_protocol_address,
        )


def parse(buffer: bytes | memoryview, offset: int = 0) -> tuple[Arp, int]:
    """The packet at ``offset`` and the offset behind it."""
    if len(buffer) - offset < LENGTH:
        raise ParseError(f"arp packet needs 28 bytes, there are {len(buffer) - offset}")
    *kind, operation, sender_mac, sender, target_mac, target = _PACKET.unpack_from(buffer, offset)
    if tuple(kind) != _ETHERNET_IPV4:
        raise ParseError("arp packet is not about IPv4 over Ethernet")
    return Arp(operation, sender_mac, sender, target_mac, target), offset + LENGTH
