"""Addresses as raw bytes and as text: 4 bytes are IPv4, 16 IPv6 (RFC 5952), 6 Ethernet."""

from __future__ import annotations

import socket
from string import hexdigits

IPV4_LENGTH = 4
IPV6_LENGTH = 16
MAC_LENGTH = 6

_HEX_DIGITS = frozenset(hexdigits)
_MAPPED = bytes(10) + b"\xff\xff"


def to_text(address: bytes) -> str:
    """``12.106.32.254``, ``fd00::1`` or ``02:00:00:00:00:01``; ValueError for other lengths."""
    if len(address) == IPV4_LENGTH:
        return ".".join(map(str, address))
    if len(address) == IPV6_LENGTH:
        return _ipv6_to_text(address)
    if len(address) == MAC_LENGTH:
        return address.hex(":")
    raise ValueError(f"{len(address)} bytes are no address")


def from_text(text: str) -> bytes:
    """The address that ``text`` writes, of any of the three kinds; ValueError if it is none."""
    parts = text.split(":")
    if len(parts) == MAC_LENGTH and all(len(p) == 2 and _HEX_DIGITS.issuperset(p) for p in parts):
        return bytes.fromhex("".join(parts))
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    try:
        return socket.inet_pton(family, text)
    except (OSError, UnicodeEncodeError, ValueError):
        raise ValueError(f"{text!r} is no address") from None


def endpoint(address: bytes, port: int) -> str:
    """An endpoint such as ``1.2.3.4:7`` or ``[fd00::1]:7``."""
    text = to_text(address)
    return f"[{text}]:{port}" if len(address) == IPV6_LENGTH else f"{text}:{port}"


def socket_endpoint(address: bytes, port: int) -> str:
    """An endpoint as a socket table shows it: ``*`` for what is not bound, as in ``*:21``."""
    if any(address):
        return endpoint(address, port) if port else endpoint(address, port)[:-1] + "*"
    return f"*:{port}" if port else "*:*"


def unmapped(address: bytes) -> bytes:
    """An IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2) as the IPv4 address it is; others as is."""
    if len(address) == IPV6_LENGTH and address.startswith(_MAPPED):
        return address[12:]
    return address


def _ipv6_to_text(address: bytes) -> str:
    # The C library writes ::0.1.0.2 for ::1:2, which RFC 5952, section 5, has only for addresses
    # known to embed IPv4; with a group set in front it sees none.
    if address.startswith(bytes(12)) and any(address[12:14]):
        high, low = int.from_bytes(address[12:14], "big"), int.from_bytes(address[14:], "big")
        return f"::{high:x}:{low:x}"
    return socket.inet_ntop(socket.AF_INET6, address)
