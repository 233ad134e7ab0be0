"""The fabric container's end of the streams: between standard input and output, and sockets.

What the orchestrator knows as a stream is here one end of a socket pair, whose other end a process
of the lab has. Streams that only tell, such as a capture, come first: who is answered on another
stream has all that was told before the answer.
"""

from __future__ import annotations

import fcntl
import os
import select
import socket
import struct
import termios
from collections.abc import Callable

from netlab.backends.docker.frames import CONTROL, Frames, frame

_PIECE = 1 << 18

_INT = struct.Struct("i")

#: Bytes of a socket pair's buffer: a burst of captured packets waits here, not in the rings.
_BUFFER = 4 << 20


class Relay:
    """Serves until standard input ends. ``obey`` gets every frame of the stream CONTROL."""

    def __init__(self, obey: Callable[[bytes], None]) -> None:
        self._obey = obey
        self._frames = Frames()
        self._poller = select.epoll()
        self._streams: dict[int, int] = {}  # descriptor -> stream
        self._sockets: dict[int, socket.socket] = {}  # stream -> our end
        self._waiting: dict[int, bytearray] = {}
        self._telling: set[int] = set()
        self._others: dict[int, Callable[[], None]] = {}
        os.set_blocking(0, False)
        self._poller.register(0, select.EPOLLIN)

    def pair(self, stream: int, *, tells: bool) -> int:
        """A new stream's other end, a descriptor; ``tells``: nothing is ever said to it."""
        ours, theirs = socket.socketpair()
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        self.add(stream, ours)
        if tells:
            self._telling.add(stream)
        return theirs.detach()

    def add(self, stream: int, ours: socket.socket) -> None:
        """Relay a stream to and from a socket that is connected."""
        ours.setblocking(False)
        self._streams[ours.fileno()] = stream
        self._sockets[stream] = ours
        self._poller.register(ours, select.EPOLLIN)

    def when_readable(self, descriptor: int, do: Callable[[], None]) -> None:
        self._others[descriptor] = do
        self._poller.register(descriptor, select.EPOLLIN)

    def send(self, data: bytes) -> None:
        """Write a frame to standard output, whole."""
        view = memoryview(data)
        while view:
            view = view[os.write(1, view) :]

    def serve(self) -> None:
        while True:
            ready = self._poller.poll()
            said = [piece for descriptor, _ in ready for piece in self._hear(descriptor)]
            self._drain_telling()
            for stream, data in said:
                self._pass_on(stream, data)
            for descriptor, events in ready:
                if descriptor in self._streams and events & select.EPOLLOUT:
                    self._flush(self._streams[descriptor])
            if any(descriptor == 0 for descriptor, _ in ready) and not self._take():
                return
            for descriptor, _ in ready:
                if descriptor in self._others:
                    self._others[descriptor]()

    def _hear(self, descriptor: int) -> list[tuple[int, bytes]]:
        stream = self._streams.get(descriptor)
        if stream is None or stream in self._telling:
            return []
        data = self._receive(stream)
        return [] if data is None else [(stream, data)]

    def _receive(self, stream: int, most: int = _PIECE) -> bytes | None:
        """None where there is nothing yet; empty at the end."""
        try:
            return self._sockets[stream].recv(min(most, _PIECE))
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def _drain_telling(self) -> None:
        """Send what was told before now, and no more: who tells without end may not be all."""
        for stream in list(self._telling):
            left = _unread(self._sockets[stream])
            while left > 0 and (data := self._receive(stream, left)):
                self.send(frame(stream, data))
                left -= len(data)
            if _has_ended(self._sockets[stream]):
                self._pass_on(stream, b"")

    def _pass_on(self, stream: int, data: bytes) -> None:
        self.send(frame(stream, data))
        if not data:
            self._forget(stream)

    def _forget(self, stream: int) -> None:
        if ours := self._sockets.pop(stream, None):
            self._poller.unregister(ours)
            del self._streams[ours.fileno()]
            ours.close()
        self._telling.discard(stream)
        self._waiting.pop(stream, None)

    def _take(self) -> bool:
        """Pass on what the orchestrator says; False when it has ended."""
        try:
            data = os.read(0, _PIECE)
        except BlockingIOError:
            return True
        for stream, content in self._frames.feed(data):
            if stream == CONTROL:
                self._obey(content)
            elif not content:
                self._forget(stream)
            elif stream in self._sockets:
                self._waiting.setdefault(stream, bytearray()).extend(content)
                self._flush(stream)
        return bool(data)

    def _flush(self, stream: int) -> None:
        waiting = self._waiting.get(stream)
        if waiting is None or stream not in self._sockets:
            return
        ours = self._sockets[stream]
        try:
            del waiting[: ours.send(waiting)]
        except BlockingIOError:
            pass
        except OSError:  # its reader has ended, as the stream will say
            waiting.clear()
        if not waiting:
            del self._waiting[stream]
        wanted = select.EPOLLIN | (select.EPOLLOUT if waiting else 0)
        self._poller.modify(ours, wanted)


def _has_ended(endpoint: socket.socket) -> bool:
    """Whether nothing is left to be read, and nothing will be."""
    try:
        return endpoint.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def _unread(endpoint: socket.socket) -> int:
    """Bytes that wait to be read (FIONREAD of ioctl_tty(2), which sockets know too)."""
    count = bytearray(_INT.size)
    fcntl.ioctl(endpoint, termios.FIONREAD, count)
    return int(_INT.unpack(count)[0])
