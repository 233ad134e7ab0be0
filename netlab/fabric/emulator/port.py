"""One interface of the fabric, from which and to which the emulator forwards."""

from __future__ import annotations

import contextlib
import errno
import socket
from collections.abc import Iterator
from enum import Enum, auto

from netlab.fabric.device import Device
from netlab.fabric.emulator.ring import Ring

_SOL_PACKET, _QDISC_BYPASS, _IGNORE_OUTGOING = 263, 20, 23
_ETH_P_ALL = 3


class Sent(Enum):
    YES = auto()
    LATER = auto()  # no room now
    NEVER = auto()  # the interface is down, or the frame too long for it


class Port:
    """The interface need not be up yet, and may go down and up."""

    def __init__(self, interface: str, ports: int) -> None:
        """One of ``ports`` of a lab. OSError when there is no such interface."""
        self.interface = interface
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
        try:
            with Device(interface) as device:
                self.mtu = device.mtu
            self._socket.setblocking(False)
            self._socket.setsockopt(_SOL_PACKET, _IGNORE_OUTGOING, 1)
            self._socket.setsockopt(_SOL_PACKET, _QDISC_BYPASS, 1)
            self._ring = Ring(self._socket, self.mtu, ports)
            self._socket.bind((interface, _ETH_P_ALL))
        except OSError as error:
            self._socket.close()
            raise OSError(error.errno, f"{interface}: {error.strerror}") from error
        self.clear_error()

    def fileno(self) -> int:
        return self._socket.fileno()

    def clear_error(self) -> None:
        """An interface that is down, or goes down, leaves ENETDOWN behind; forwarding goes on."""
        self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)

    def read(self, most: int) -> Iterator[tuple[int, memoryview]]:
        """Frames that came, as Ring.read."""
        return self._ring.read(most)

    def send(self, frame: bytes | memoryview) -> Sent:
        try:
            self._socket.send(frame)
        except OSError as error:
            return self._why_not(error.errno)
        return Sent.YES

    def _why_not(self, number: int | None) -> Sent:
        # A cable whose other end is down answers like one whose other end is busy, and an interface
        # that was down says so once more when it is up again.
        if number not in {errno.ENOBUFS, errno.EAGAIN, errno.ENETDOWN}:
            return Sent.NEVER
        with contextlib.suppress(OSError), Device(self.interface) as device:
            return Sent.LATER if device.is_running else Sent.NEVER
        return Sent.NEVER  # there is no such interface any more

    def count_drops(self) -> int:
        """Packets that came while the ring was full."""
        return self._ring.count_drops()

    def close(self) -> None:
        self._ring.close()
        self._socket.close()
