"""Checksum and segmentation offloads, by the SIOCETHTOOL ioctl (linux/ethtool.h)."""

from __future__ import annotations

import array
import errno
import fcntl
import os
import socket
import struct
from collections.abc import Iterator

_SIOCETHTOOL = 0x8946

#: feature as `ethtool -K` calls it -> (get command, set command)
_FEATURES = {
    "rx": (0x14, 0x15),
    "tx": (0x16, 0x17),
    "sg": (0x18, 0x19),
    "tso": (0x1E, 0x1F),
    "gso": (0x23, 0x24),
    "gro": (0x2B, 0x2C),
}


def disable(interface: str) -> Iterator[str]:
    """Switch every offload off; what refuses, in words."""
    with _control() as control:
        for feature, (_, command) in _FEATURES.items():
            try:
                _ethtool(control, interface, command, 0)
            except OSError as error:
                if error.errno != errno.EOPNOTSUPP:  # what it has not, it cannot do
                    yield f"{interface}: offload {feature}: {os.strerror(error.errno or 0)}"


def enabled(interface: str) -> list[str]:
    """The offloads that are on."""
    with _control() as control:
        return [
            feature
            for feature, (command, _) in _FEATURES.items()
            if _is_on(control, interface, command)
        ]


def _control() -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)


def _is_on(control: socket.socket, interface: str, command: int) -> bool:
    try:
        return bool(_ethtool(control, interface, command, 0))
    except OSError:
        return False


def _ethtool(control: socket.socket, interface: str, command: int, value: int) -> int:
    """A struct ethtool_value, reached through the data pointer of a struct ifreq."""
    data = array.array("I", [command, value])
    request = struct.pack("16sP", interface.encode(), data.buffer_info()[0])
    fcntl.ioctl(control, _SIOCETHTOOL, request.ljust(40, b"\0"))
    return data[1]
