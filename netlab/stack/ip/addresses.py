"""What an address says by itself: its kind, scope and network (RFC 4291, RFC 1122 3.2.1.3)."""

from __future__ import annotations

from enum import IntEnum

ANY_V4, ANY_V6 = bytes(4), bytes(16)
LOOPBACK_V6 = bytes(15) + b"\x01"
LIMITED_BROADCAST = b"\xff" * 4
ALL_HOSTS = bytes((224, 0, 0, 1))
ALL_NODES = b"\xff\x02" + bytes(13) + b"\x01"
ALL_ROUTERS = b"\xff\x02" + bytes(13) + b"\x02"

_SOLICITED_NODE = b"\xff\x02" + bytes(9) + b"\x01\xff"


class Scope(IntEnum):
    """RFC 4007 and RFC 6724, 3.1."""

    INTERFACE = 1
    LINK = 2
    SITE = 5
    GLOBAL = 14


def is_multicast(address: bytes) -> bool:
    if len(address) == 4:
        return 224 <= address[0] <= 239
    return address[0] == 0xFF


def is_loopback(address: bytes) -> bool:
    return address[0] == 127 if len(address) == 4 else address == LOOPBACK_V6


def is_link_local(address: bytes) -> bool:
    """Of a unicast address: 169.254/16 and fe80::/10."""
    if len(address) == 4:
        return address[:2] == b"\xa9\xfe"
    return address[0] == 0xFE and address[1] & 0xC0 == 0x80


def is_reserved(address: bytes) -> bool:
    """Class E, which no packet bears; the limited broadcast address is not meant."""
    return len(address) == 4 and address[0] >= 240 and address != LIMITED_BROADCAST


def may_be_source(address: bytes) -> bool:
    """Whether a packet that needs an answer may come from here (RFC 1122 3.2.1.3, RFC 4291 2.7)."""
    return (
        any(address)
        and not is_multicast(address)
        and not is_reserved(address)
        and address != LIMITED_BROADCAST
    )


def scope(address: bytes) -> Scope:
    if len(address) == 16 and address[0] == 0xFF:
        bits = address[1] & 15
        if bits <= Scope.INTERFACE:
            return Scope.INTERFACE
        if bits == Scope.LINK:
            return Scope.LINK
        return Scope.SITE if bits <= Scope.SITE else Scope.GLOBAL
    if len(address) == 4 and address[:3] == b"\xe0\0\0":
        return Scope.LINK  # 224.0.0.0/24 (RFC 5771, section 4)
    return Scope.LINK if is_link_local(address) or is_loopback(address) else Scope.GLOBAL


def network(address: bytes, prefix_length: int) -> bytes:
    """The address with its host bits zero."""
    host_bits = 8 * len(address) - prefix_length
    number = int.from_bytes(address, "big") >> host_bits << host_bits
    return number.to_bytes(len(address), "big")


def directed_broadcast(address: bytes, prefix_length: int) -> bytes | None:
    """The broadcast address of an IPv4 network, which those of /31 and /32 lack (RFC 3021)."""
    if len(address) != 4 or prefix_length > 30:
        return None
    number = int.from_bytes(address, "big") | (1 << 32 - prefix_length) - 1
    return number.to_bytes(4, "big")


def common_prefix_length(one: bytes, other: bytes) -> int:
    """How many leading bits are the same (RFC 6724, 2.2)."""
    difference = int.from_bytes(one, "big") ^ int.from_bytes(other, "big")
    return 8 * len(one) - difference.bit_length()


def solicited_node(address: bytes) -> bytes:
    """The group in which a neighbour with this address is asked (RFC 4291, 2.7.1)."""
    return _SOLICITED_NODE + address[13:]


def multicast_mac(group: bytes) -> bytes:
    """Where a group's frames go (RFC 1112, 6.4; RFC 2464, section 7)."""
    if len(group) == 4:
        return bytes((0x01, 0x00, 0x5E, group[1] & 0x7F, group[2], group[3]))
    return b"\x33\x33" + group[12:]


def interface_identifier(mac: bytes) -> bytes:
    """The modified EUI-64 of an Ethernet address (RFC 4291, appendix A)."""
    return bytes((mac[0] ^ 2, mac[1], mac[2], 0xFF, 0xFE, mac[3], mac[4], mac[5]))


def link_local(mac: bytes) -> bytes:
    """RFC 4862, 5.3."""
    return b"\xfe\x80" + bytes(6) + interface_identifier(mac)
