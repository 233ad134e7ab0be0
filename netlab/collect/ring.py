"""A TPACKET_V3 receive ring: packets of one interface, in memory shared with the kernel.

The kernel fills a ring of blocks and hands over a block when it is full or some milliseconds old.
Layout: linux/if_packet.h. Unlike SO_RCVBUF, a ring's size is not bound by rmem_max, so an
unprivileged lab loses no packet either.
"""

from __future__ import annotations

import contextlib
import mmap
import select
import socket
import struct
from collections.abc import Iterator

from netlab import linux
from netlab.collect.blocks import BLOCK

_SOL_PACKET, _PACKET_RX_RING, _PACKET_STATISTICS, _PACKET_VERSION = 263, 5, 6, 10
_TPACKET_V3 = 2
_ETH_P_ALL = 3

#: tpacket_req3: block size and count, frame size and count, milliseconds until a block that is
#: not full is handed over, private bytes, feature flags.
_REQUEST = struct.Struct("IIIIIII")
_FRAME = 2048

_KERNEL, _USER = 0, 1

_STATUS_OFFSET = 8

_STATISTICS = struct.Struct("III")


class Ring:
    """The capture of one interface. The interface need not be up yet, and may go down and up."""

    def __init__(self, interface: str, *, block_size: int, blocks: int, handover_ms: int) -> None:
        """To be made in the interface's network namespace; OSError when the kernel refuses.

        ``block_size`` in bytes; a block is handed over when it is full, or ``handover_ms`` old.
        """
        self.packets = 0
        self.drops = 0
        self._block_size = block_size
        self._blocks = blocks
        self._next = 0
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
        self._socket.setsockopt(_SOL_PACKET, _PACKET_VERSION, _TPACKET_V3)
        size = block_size * blocks
        request = (block_size, blocks, _FRAME, size // _FRAME, handover_ms, 0, 0)
        linux.setsockopt(
            self._socket.fileno(), _SOL_PACKET, _PACKET_RX_RING, _REQUEST.pack(*request)
        )
        self._memory = mmap.mmap(self._socket.fileno(), size, mmap.MAP_SHARED)
        self._socket.bind((interface, _ETH_P_ALL))
        self.clear_error()

    def fileno(self) -> int:
        return self._socket.fileno()

    def clear_error(self) -> None:
        """An interface that is down, or goes down, leaves ENETDOWN behind; capture goes on."""
        self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)

    def take(self) -> Iterator[bytes]:
        """All blocks that the kernel has handed over; it gets their places back at once."""
        while True:
            base = self._next * self._block_size
            _, _, status, count, _, used = BLOCK.unpack_from(self._memory, base)
            if not status & _USER:
                return
            block = self._memory[base : base + used]
            struct.pack_into("I", self._memory, base + _STATUS_OFFSET, _KERNEL)
            self._next = (self._next + 1) % self._blocks
            self.packets += count
            yield block

    @property
    def pending(self) -> bool:
        """Whether the kernel holds packets that it has not handed over yet."""
        base = self._next * self._block_size
        _, _, status, count, _, _ = BLOCK.unpack_from(self._memory, base)
        return bool(status & _USER) or count > 0

    def count_drops(self) -> int:
        """Packets that found the ring full, in all; reading the kernel's counter resets it."""
        with contextlib.suppress(OSError):
            statistics = self._socket.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, _STATISTICS.size)
            _, drops, _ = _STATISTICS.unpack(statistics)
            self.drops += drops
        return self.drops

    def register(self, poller: select.epoll) -> None:
        poller.register(self._socket, select.EPOLLIN)

    def close(self) -> None:
        self._memory.close()
        self._socket.close()
