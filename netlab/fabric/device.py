"""What an interface is and may do, by ioctl: cheaper than netlink, which tells everything.

Offloads are those of `ethtool -K` (linux/ethtool.h).
"""

from __future__ import annotations

import array
import errno
import fcntl
import os
import socket
import struct
from collections.abc import Iterator
from typing import Self

_SIOCGIFFLAGS, _SIOCGIFMTU, _SIOCGIFHWADDR, _SIOCETHTOOL = 0x8913, 0x8921, 0x8927, 0x8946
_IFF_UP, _IFF_RUNNING = 0x1, 0x40

#: feature as `ethtool -K` calls it -> (get command, set command)
_FEATURES = {
    "rx": (0x14, 0x15),
    "tx": (0x16, 0x17),
    "sg": (0x18, 0x19),
    "tso": (0x1E, 0x1F),
    "gso": (0x23, 0x24),
    "gro": (0x2B, 0x2C),
}

_REQUEST_SIZE = 40


class Device:
    """An interface of this network namespace. A context; OSError when there is none such."""

    def __init__(self, name: str) -> None:
        self._name = name.encode()
        self._control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._control.close()

    @property
    def mtu(self) -> int:
        (mtu,) = struct.unpack_from("i", self._ask(_SIOCGIFMTU), 16)
        return int(mtu)

    @property
    def is_up(self) -> bool:
        return bool(self._flags & _IFF_UP)

    @property
    def is_running(self) -> bool:
        """Whether it is up, and the other end of its cable too."""
        return bool(self._flags & _IFF_RUNNING)

    @property
    def _flags(self) -> int:
        (flags,) = struct.unpack_from("H", self._ask(_SIOCGIFFLAGS), 16)
        return int(flags)

    @property
    def mac(self) -> str:
        return self._ask(_SIOCGIFHWADDR)[18:24].hex(":")

    def _ask(self, command: int) -> bytes:
        return fcntl.ioctl(self._control, command, self._name.ljust(_REQUEST_SIZE, b"\0"))

    def disable_offloads(self) -> Iterator[str]:
        """Switch every offload off; what refuses, in words."""
        for feature, (_, command) in _FEATURES.items():
            try:
                self._ethtool(command, 0)
            except OSError as error:
                if error.errno != errno.EOPNOTSUPP:  # what it has not, it cannot do
                    yield f"offload {feature}: {os.strerror(error.errno or 0)}"

    def offloads(self) -> list[str]:
        """Those that are on."""
        return [feature for feature, (command, _) in _FEATURES.items() if self._is_on(command)]

    def _is_on(self, command: int) -> bool:
        try:
            return bool(self._ethtool(command, 0))
        except OSError:
            return False

    def _ethtool(self, command: int, value: int) -> int:
        """A struct ethtool_value, reached through the data pointer of a struct ifreq."""
        data = array.array("I", [command, value])
        request = struct.pack("16sP", self._name, data.buffer_info()[0])
        fcntl.ioctl(self._control, _SIOCETHTOOL, request.ljust(_REQUEST_SIZE, b"\0"))
        return data[1]
