"""Hosts of the stack on veth pairs whose other ends are the kernel's.

Frames cross with the header of virtio (PACKET_VNET_HDR), so that neither side cuts or sums up more
than it must.
"""

from __future__ import annotations

import select
import socket
import subprocess
import time
from collections.abc import Callable
from random import Random
from struct import Struct

from netlab.stack.host import Host
from netlab.stack.ip.datagram import Frame, Segmentation
from netlab.wire import ipv4
from netlab.wire.address import from_text
from netlab.wire.ethernet import HEADER_LENGTH

_SOL_PACKET, _IGNORE_OUTGOING, _VNET_HDR = 263, 23, 15
_ALL_PROTOCOLS = 3

#: linux/virtio_net.h: flags, kind of segmentation, length of all headers, size of a segment, where
#: the sum starts and where it goes.
_VIRTIO = Struct("<BBHHHH")
_NEEDS_CHECKSUM, _DATA_VALID = 1, 2
_TCP_V4, _TCP_V6 = 1, 4
_PLAIN = bytes(_VIRTIO.size)

MAC = b"\x02\0\0\0\0\x02"


class Driver:
    """Drives a host by packet sockets. ``links`` are the veth ends by the host's interfaces."""

    def __init__(self, host: Host, links: dict[str, str]) -> None:
        self.host = host
        self._sockets = {name: _packet_socket(link) for name, link in links.items()}
        self._names = {packets: name for name, packets in self._sockets.items()}
        self._buffer = memoryview(bytearray(1 << 17))

    @property
    def now(self) -> int:
        return time.monotonic_ns()

    def run(self, is_done: Callable[[], bool], *, seconds: float = 10) -> None:
        """Until it is done; AssertionError if that takes too long."""
        end = self.now + int(seconds * 1e9)
        while not is_done():
            assert self.now < end, "the kernel and the stack do not get on"
            self._turn()

    def _turn(self) -> None:
        host = self.host
        for frame in host.to_send(self.now):
            parts = [_virtio(frame), frame.head, frame.payload]
            self._sockets[frame.interface].sendmsg(parts)
        due = host.next_timeout()
        wait = 0.002 if due is None else min(max(due - self.now, 0) / 1e9, 0.002)
        for packets in select.select(list(self._names), [], [], wait)[0]:
            self._receive(packets)
        if due is not None and due <= self.now:
            host.handle_timeout(self.now)

    def _receive(self, packets: socket.socket) -> None:
        for _ in range(64):
            try:
                length = packets.recv_into(self._buffer)
            except BlockingIOError:
                return
            flags, kind, _, size, start, offset = _VIRTIO.unpack_from(self._buffer)
            left = None
            if flags & _NEEDS_CHECKSUM:
                left = Segmentation(size if kind else 0, start - HEADER_LENGTH, offset)
            self.host.receive(
                self.now,
                self._names[packets],
                self._buffer[_VIRTIO.size : length],
                is_verified=bool(flags & _DATA_VALID),
                segmentation=left,
            )


class KernelLink(Driver):
    """``host`` is 10.0.0.2 and fd00::2 by eth0, the kernel 10.0.0.1 and fd00::1 by ``kernel``."""

    def __init__(self, *, segments: bool, mtu: int = 1500) -> None:
        _make_pair(mtu)
        host = Host(Random(1))  # noqa: S311 - the same each time
        super().__init__(host, {"eth0": "stack"})
        host.ip.add_interface(self.now, "eth0", MAC, mtu, segments=segments)
        host.ip.add_address(self.now, "eth0", from_text("10.0.0.2"), 24)
        host.ip.add_address(self.now, "eth0", from_text("fd00::2"), 64)


def _packet_socket(link: str) -> socket.socket:
    made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    made.setsockopt(_SOL_PACKET, _VNET_HDR, 1)
    made.setsockopt(_SOL_PACKET, _IGNORE_OUTGOING, 1)
    made.bind((link, _ALL_PROTOCOLS))
    made.setblocking(False)
    return made


def _virtio(frame: Frame) -> bytes:
    left = frame.segmentation
    if left is None:
        return _PLAIN
    is_v4 = frame.head[12:14] == ipv4.ETHERTYPE.to_bytes(2, "big")
    start = left.checksum_start + HEADER_LENGTH
    return _VIRTIO.pack(
        _NEEDS_CHECKSUM,
        _TCP_V4 if is_v4 else _TCP_V6,
        len(frame.head),
        left.size,
        start,
        left.checksum_offset,
    )


def _make_pair(mtu: int) -> None:
    for line in (
        f"link add kernel mtu {mtu} type veth peer name stack mtu {mtu}",
        "link set stack addrgenmode none up",
        "link set kernel up",
        "addr add 10.0.0.1/24 dev kernel",
        "addr add fd00::1/64 dev kernel nodad",
        "link set lo up",
    ):
        subprocess.run(["ip", *line.split()], check=True)
