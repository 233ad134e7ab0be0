"""Addresses and data as programs write them."""

from __future__ import annotations

import errno
from typing import TypeAlias

from netlab.wire import address

Endpoint: TypeAlias = tuple[str, int]
Data: TypeAlias = bytes | bytearray | memoryview


def packed(text: str) -> bytes:
    """The address that ``text`` is, 4 or 16 bytes. OSError(EINVAL) if it is none."""
    try:
        found = address.from_text(text)
    except ValueError as error:
        raise OSError(errno.EINVAL, str(error)) from None
    if len(found) == address.MAC_LENGTH:
        raise OSError(errno.EINVAL, f"{text!r} is no address of IP")
    return found


def shown(host: bytes, port: int) -> Endpoint:
    """An IPv4 peer of a socket of both families has its IPv4 address."""
    return address.to_text(address.unmapped(host)), port
