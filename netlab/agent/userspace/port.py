"""One interface of a node as the userspace stack has it: frames in and out by a packet socket."""

from __future__ import annotations

import contextlib
import errno
import socket
from collections import deque
from collections.abc import Iterator

from netlab.fabric.device import Device
from netlab.stack.ip.datagram import Frame
from netlab.wire import ethernet, virtio_net

_SOL_PACKET, _VNET_HDR, _IGNORE_OUTGOING = 263, 15, 23
_SO_RCVBUFFORCE, _SO_SNDBUFFORCE = 33, 32
_ETH_P_ALL = 3
_BUFFER = 16 << 20
#: The longest frame of an interface that segments, or of the largest MTU.
_LARGEST_FRAME = 65535 + 18

#: Frames that wait for an interface that has no room; of more the newest are dropped.
MAX_WAITING = 1000


class Port:
    """``segments``: what is longer than the MTU is cut and summed up by the kernel.

    Whatever the peers' kernels have left undone about what comes in, the headers in front of the
    frames say.
    """

    def __init__(self, interface: str, *, segments: bool = False) -> None:
        """OSError when there is no such interface, or this process may not have packet sockets."""
        self.interface = interface
        self.segments = segments
        self.dropped = 0
        self.waiting: deque[Frame] = deque()
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
        try:
            with Device(interface) as device:
                self.mtu = device.mtu
                self.mac = bytes.fromhex(device.mac.replace(":", ""))
            self._socket.setblocking(False)
            for option in (_VNET_HDR, _IGNORE_OUTGOING):
                self._socket.setsockopt(_SOL_PACKET, option, 1)
            self._enlarge_buffers()
            self._socket.bind((interface, _ETH_P_ALL))
        except OSError as error:
            self._socket.close()
            raise OSError(error.errno, f"{interface}: {error.strerror}") from error
        self.clear_error()
        self._buffer = bytearray(virtio_net.LENGTH + _LARGEST_FRAME)
        self._view = memoryview(self._buffer)

    def fileno(self) -> int:
        return self._socket.fileno()

    def clear_error(self) -> None:
        """An interface that is down, or goes down, leaves ENETDOWN behind; the port goes on."""
        self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)

    def read(self, most: int) -> Iterator[tuple[memoryview, bool]]:
        """Up to ``most`` frames that came, each with whether its checksum needs no look.

        A frame is valid until the next is asked for.
        """
        buffer, view, receive = self._buffer, self._view, self._socket.recv_into
        for _ in range(most):
            try:
                length = receive(buffer)
            except BlockingIOError:
                return
            except OSError:
                self.clear_error()
                return
            yield view[virtio_net.LENGTH : length], virtio_net.is_verified(view)

    def send(self, frame: Frame) -> None:
        """Send a frame after those that wait; it waits too when there is no room."""
        if self.waiting or not self._sent(frame):
            self._keep(frame)

    def send_waiting(self) -> None:
        """Try again, after a while: nobody tells when there is room."""
        while self.waiting and self._sent(self.waiting[0]):
            self.waiting.popleft()

    def close(self) -> None:
        self._socket.close()

    def _sent(self, frame: Frame) -> bool:
        """False if it is worth while to try again."""
        parts = (_header(frame), frame.head, frame.payload)
        try:
            self._socket.sendmsg(parts)
        except OSError as error:
            if self._may_succeed_later(error.errno):
                return False
            self.dropped += 1
        return True

    def _may_succeed_later(self, number: int | None) -> bool:
        # A cable whose other end is down answers like one whose other end is busy.
        if number not in {errno.ENOBUFS, errno.EAGAIN}:
            return False
        with contextlib.suppress(OSError), Device(self.interface) as device:
            return device.is_running
        return False

    def _keep(self, frame: Frame) -> None:
        if len(self.waiting) >= MAX_WAITING:
            self.dropped += 1
        else:
            self.waiting.append(frame)

    def _enlarge_buffers(self) -> None:
        """Beyond the limits of the machine where this process may, else up to them."""
        for force, usual in (
            (_SO_RCVBUFFORCE, socket.SO_RCVBUF),
            (_SO_SNDBUFFORCE, socket.SO_SNDBUF),
        ):
            try:
                self._socket.setsockopt(socket.SOL_SOCKET, force, _BUFFER)
            except PermissionError:
                self._socket.setsockopt(socket.SOL_SOCKET, usual, _BUFFER)


def _header(frame: Frame) -> bytes:
    cut = frame.segmentation
    if cut is None:
        return virtio_net.PLAIN
    return virtio_net.segmented(
        frame.head[ethernet.HEADER_LENGTH] >> 4,
        headers=len(frame.head),
        size=cut.size,
        checksum_start=ethernet.HEADER_LENGTH + cut.checksum_start,
        checksum_offset=cut.checksum_offset,
    )
