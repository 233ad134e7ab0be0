"""Addresses that TCP does not talk to (RFC 9293, 3.9.2.3)."""

from __future__ import annotations

from netlab.wire.address import IPV4_LENGTH

_CLASS_D = 224


def is_group(address: bytes) -> bool:
    """Multicast, the limited broadcast, and the unspecified address.

    A subnet's broadcast address is known to IP, which does not pass it on.
    """
    if not any(address):
        return True
    if len(address) == IPV4_LENGTH:
        return address[0] >= _CLASS_D
    return address[0] == 0xFF
