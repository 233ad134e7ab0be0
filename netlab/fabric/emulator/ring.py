"""A TPACKET_V2 receive ring: each packet is there at once, in memory shared with the kernel.

The captures' TPACKET_V3 hands packets over in blocks, milliseconds later. Layout:
linux/if_packet.h.
"""

from __future__ import annotations

import contextlib
import mmap
import socket
import struct
from collections.abc import Iterator

from netlab import linux

_SOL_PACKET = 263
_RX_RING, _STATISTICS, _COPY_THRESH, _VERSION = 5, 6, 7, 10
_TPACKET_V2 = 1

_KERNEL, _USER, _COPY, _VLAN_VALID = 0x0, 0x1, 0x2, 0x10
_STATUS = struct.Struct("I")

#: tpacket2_hdr: status, length, captured length, offsets of the frame and of the network header,
#: sec, nsec, VLAN tag, VLAN protocol.
_PACKET = struct.Struct("IIIHHIIHH")
_TAG = struct.Struct("!HH")
_ADDRESSES = 12

#: tpacket_req: block size and count, frame size and count.
_REQUEST = struct.Struct("IIII")
_PAGE, _SMALLEST_SLOT, _BLOCK = 4096, 2048, 64 << 10
#: What a slot holds in front of the frame, and room for tags.
_HEADROOM = 128

#: Bytes for all rings of a lab together and for one: 2048 packets of an Ethernet wait in that.
_BUDGET, _MOST = 64 << 20, 4 << 20
_FEWEST_SLOTS = 64

_LARGEST_FRAME = 1 << 17


class Ring:
    """Receives on ``socket``, which is not bound yet."""

    def __init__(self, endpoint: socket.socket, mtu: int, ports: int) -> None:
        """A ring for one of ``ports`` interfaces; OSError when the kernel refuses."""
        self._socket = endpoint
        self._size, blocks, per_block = _geometry(mtu, ports)
        self._slots = blocks * per_block
        self._next = 0
        self._drops = 0
        block = self._size * per_block
        endpoint.setsockopt(_SOL_PACKET, _VERSION, _TPACKET_V2)
        endpoint.setsockopt(_SOL_PACKET, _COPY_THRESH, 1)
        request = _REQUEST.pack(block, blocks, self._size, self._slots)
        linux.setsockopt(endpoint.fileno(), _SOL_PACKET, _RX_RING, request)
        self._memory = mmap.mmap(endpoint.fileno(), block * blocks, mmap.MAP_SHARED)
        self._view = memoryview(self._memory)

    def read(self, most: int) -> Iterator[tuple[int, memoryview]]:
        """Up to ``most`` frames, each with its time in ns since 1970.

        A frame is valid until the next is asked for.
        """
        memory = self._view
        for _ in range(most):
            at = self._next * self._size
            status, length, captured, mac, _, seconds, nanoseconds, tag, tag_type = (
                _PACKET.unpack_from(memory, at)
            )
            if not status & _USER:
                return
            frame = memory[at + mac : at + mac + captured]
            if status & (_COPY | _VLAN_VALID) or captured < length:
                frame = self._restored(status, frame, length, tag_type, tag)
            if frame:
                yield seconds * 1_000_000_000 + nanoseconds, frame
            _STATUS.pack_into(memory, at, _KERNEL)
            self._next = (self._next + 1) % self._slots

    def _restored(
        self, status: int, frame: memoryview, length: int, tag_type: int, tag: int
    ) -> memoryview:
        """The frame as it was on the wire; empty where that is lost."""
        if status & _COPY:  # longer than a slot: the MTU has grown since the ring was made
            frame = memoryview(self._receive_copy())
        if len(frame) < length:
            self._drops += 1
            return frame[:0]
        if not status & _VLAN_VALID:
            return frame
        # The kernel takes a tag out of the frame (IEEE 802.1Q): put it back.
        return memoryview(
            b"".join((frame[:_ADDRESSES], _TAG.pack(tag_type, tag), frame[_ADDRESSES:]))
        )

    def _receive_copy(self) -> bytes:
        for _ in range(2):  # an interface that was down says so first
            with contextlib.suppress(OSError):
                return self._socket.recv(_LARGEST_FRAME, socket.MSG_DONTWAIT)
        return b""

    def count_drops(self) -> int:
        """Packets that found no room, in all; reading the kernel's counter resets it."""
        statistics = self._socket.getsockopt(_SOL_PACKET, _STATISTICS, 8)
        self._drops += struct.unpack("II", statistics)[1]
        return self._drops

    def close(self) -> None:
        self._view.release()
        self._memory.close()


def _geometry(mtu: int, ports: int) -> tuple[int, int, int]:
    """Bytes of a slot, number of blocks, slots of a block: no slot crosses a block's end."""
    size = max(_SMALLEST_SLOT, mtu + _HEADROOM)
    if size > _SMALLEST_SLOT:
        size = -(-size // _PAGE) * _PAGE
    per_block = max(1, _BLOCK // size)
    slots = max(_FEWEST_SLOTS, min(_MOST, _BUDGET // max(ports, 1)) // size)
    return size, -(-slots // per_block), per_block
