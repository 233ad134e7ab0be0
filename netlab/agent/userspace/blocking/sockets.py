"""Sockets of a blocking program, with the calls of the socket module's."""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Callable
from typing import Any, Self, TypeVar

from netlab.agent.userspace.blocking import options
from netlab.agent.userspace.blocking.names import SocketAddress, socket_address
from netlab.agent.userspace.blocking.process import End, here
from netlab.agent.userspace.blocking.tcp import TcpEnd
from netlab.agent.userspace.blocking.udp import UdpEnd
from netlab.agent.userspace.blocking.within import Work, within
from netlab.stack.api.endpoints import Data, Endpoint
from netlab.stack.failure import failure

_Result = TypeVar("_Result")

_DONTWAIT = getattr(socket, "MSG_DONTWAIT", 0)
_HARMLESS = getattr(socket, "MSG_NOSIGNAL", 0) | _DONTWAIT
_KINDS: dict[int, type[End]] = {
    socket.SOCK_STREAM: TcpEnd,
    socket.SOCK_DGRAM: UdpEnd,
}
_PROTOCOLS: dict[int, int] = {
    socket.SOCK_STREAM: socket.IPPROTO_TCP,
    socket.SOCK_DGRAM: socket.IPPROTO_UDP,
}


class Socket:
    """As ``socket.socket``, on the stack of the process that makes it."""

    # What the standard library does with the calls below is no different here.
    makefile: Callable[..., Any] = socket.socket.makefile
    sendfile: Callable[..., Any] = socket.socket._sendfile_use_send  # type: ignore[attr-defined]  # noqa: SLF001 - that of systems without the system call
    _check_sendfile_params = socket.socket._check_sendfile_params  # type: ignore[attr-defined]  # noqa: SLF001 - its part

    def __init__(
        self,
        family: int = -1,
        type: int = -1,  # noqa: A002 - the socket module's name for it
        proto: int = -1,
        fileno: int | None = None,
    ) -> None:
        """``fileno`` is of a socket of the process that was detached."""
        self._process = here().process
        self._timeout: float | None = None
        self._io_refs = 0
        self._closed = False
        self._number = self._open(family, type, proto) if fileno is None else fileno
        if self._number not in self._process.ends:
            raise failure(errno.EBADF)
        self._end = self._process.ends[self._number]

    def _open(self, family: int, kind: int, proto: int) -> int:
        if family not in {-1, socket.AF_INET, socket.AF_INET6}:
            raise failure(errno.EAFNOSUPPORT)
        kind = socket.SOCK_STREAM if kind == -1 else kind
        if kind not in _KINDS or proto not in {-1, 0, _PROTOCOLS[kind]}:
            raise failure(errno.EPROTONOSUPPORT)
        make, programs = _KINDS[kind], self._process.programs
        end = self._now(lambda: make(programs, v6=family == socket.AF_INET6))
        return self._process.opened(end)

    @property
    def family(self) -> socket.AddressFamily:
        return socket.AF_INET6 if self._end.v6 else socket.AF_INET

    @property
    def type(self) -> socket.SocketKind:
        return self._end.kind

    @property
    def proto(self) -> int:
        return 0

    def __repr__(self) -> str:
        number = "closed" if self._number < 0 else self._number
        return f"<socket {number} of netlab's stack: {self.family.name}, {self.type.name}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._closed:
            self.close()

    def __del__(self) -> None:
        """As of the kernel's, one that was forgotten is closed."""
        if getattr(self, "_number", -1) >= 0:
            self._process.abandon(self._number)

    # What is told of it, and chosen

    def fileno(self) -> int:
        return self._number

    def getsockname(self) -> SocketAddress:
        return self._shown(self._now(lambda: self._open_end.local))

    def getpeername(self) -> SocketAddress:
        return self._shown(self._now(lambda: self._open_end.remote))

    def settimeout(self, value: float | None) -> None:
        if value is not None and value < 0:
            raise ValueError("Timeout value out of range")
        self._timeout = value

    def gettimeout(self) -> float | None:
        return self._timeout

    @property
    def timeout(self) -> float | None:
        return self._timeout

    def setblocking(self, flag: bool) -> None:
        self._timeout = None if flag else 0.0

    def getblocking(self) -> bool:
        return self._timeout != 0

    def setsockopt(self, level: int, optname: int, value: int | bytes) -> None:
        self._now(lambda: options.choose(self._open_end, level, optname, value))

    def getsockopt(self, level: int, optname: int, buflen: int = 0) -> int | bytes:
        """A number as bytes if ``buflen`` asks for them."""
        profile = self._process.programs.profile
        found = self._now(lambda: options.chosen(self._open_end, profile, level, optname))
        if isinstance(found, int):
            return found.to_bytes(4, sys.byteorder, signed=True)[:buflen] if buflen else found
        return found[:buflen]

    # Endpoints

    def bind(self, address: SocketAddress) -> None:
        host, port = address[:2]
        local = (self._host(host) if host else "::" if self._end.v6 else "0.0.0.0", port)  # noqa: S104 - as asked
        self._now(lambda: self._open_end.bind(local))

    def connect(self, address: SocketAddress) -> None:
        remote = self._endpoint(address)
        waited_for = errno.EALREADY if self._end.is_opening else errno.EINPROGRESS
        try:
            self._wait(lambda: self._open_end.connect(remote))
        except BlockingIOError:
            raise failure(waited_for) from None

    def connect_ex(self, address: SocketAddress) -> int:
        try:
            self.connect(address)
        except OSError as error:
            if error.errno is None:
                raise
            return error.errno
        return 0

    def listen(self, backlog: int = 128) -> None:
        self._now(lambda: self._stream.listen(backlog))

    def accept(self) -> tuple[Socket, SocketAddress]:
        end = self._wait(self._stream.accept)
        made = Socket(fileno=self._process.opened(end))
        return made, made._shown(end.remote)

    # Data

    def send(self, data: Data, flags: int = 0) -> int:
        urgent = self._check_flags(flags, socket.MSG_OOB)
        return self._wait(lambda: self._open_end.send(data, urgent=urgent), flags)

    def sendall(self, data: Data, flags: int = 0) -> None:
        urgent = self._check_flags(flags, socket.MSG_OOB)
        self._wait(lambda: self._open_end.send_all(data, urgent=urgent), flags)

    def sendto(self, data: Data, *rest: Any) -> int:
        """``sendto(data, address)`` or ``sendto(data, flags, address)``."""
        flags, address = rest if len(rest) == 2 else (0, *rest)
        self._check_flags(flags)
        if isinstance(self._open_end, TcpEnd):
            return self.send(data, flags)
        to, end = self._endpoint(address), self._datagrams
        return self._now(lambda: end.send_to(data, to))

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        if bufsize < 0:
            raise ValueError("negative buffersize in recv")
        if self._check_flags(flags, socket.MSG_OOB):
            return self._now(self._stream.receive_urgent)
        return self._wait(lambda: self._open_end.receive(bufsize), flags)

    def recv_into(self, buffer: bytearray | memoryview, nbytes: int = 0, flags: int = 0) -> int:
        with memoryview(buffer) as view, view.cast("B") as room:
            data = self.recv(nbytes or len(room), flags)
            room[: len(data)] = data
        return len(data)

    def recvfrom(self, bufsize: int, flags: int = 0) -> tuple[bytes, SocketAddress | None]:
        if isinstance(self._open_end, TcpEnd):
            return self.recv(bufsize, flags), None
        self._check_flags(flags)
        datagram = self._wait(lambda: self._datagrams.receive_from(bufsize), flags)
        return datagram.data, self._shown(datagram.sender)

    def recvfrom_into(
        self, buffer: bytearray | memoryview, nbytes: int = 0, flags: int = 0
    ) -> tuple[int, SocketAddress | None]:
        with memoryview(buffer) as view, view.cast("B") as room:
            data, sender = self.recvfrom(nbytes or len(room), flags)
            room[: len(data)] = data
        return len(data), sender

    # Its end

    def shutdown(self, how: int) -> None:
        reading = how in {socket.SHUT_RD, socket.SHUT_RDWR}
        writing = how in {socket.SHUT_WR, socket.SHUT_RDWR}
        self._now(lambda: self._open_end.shutdown(reading=reading, writing=writing))

    def close(self) -> None:
        """Files that were made of it keep it open."""
        self._closed = True
        if self._io_refs <= 0:
            self._really_close()

    def detach(self) -> int:
        """The socket goes on by its descriptor, for ``Socket(fileno=…)``."""
        self._closed = True
        number, self._number = self._number, -1
        return number

    def _decref_socketios(self) -> None:
        """A file that makefile made is closed."""
        self._io_refs = max(0, self._io_refs - 1)
        if self._closed:
            self.close()

    def _really_close(self) -> None:
        number, self._number = self._number, -1
        if self._process.ends.pop(number, None) is not None:
            here().wait(self._end.close())

    # What the calls have in common

    @property
    def _open_end(self) -> End:
        if self._number < 0:
            raise failure(errno.EBADF)
        return self._end

    @property
    def _stream(self) -> TcpEnd:
        end = self._open_end
        if not isinstance(end, TcpEnd):
            raise failure(errno.EOPNOTSUPP)
        return end

    @property
    def _datagrams(self) -> UdpEnd:
        end = self._open_end
        if not isinstance(end, UdpEnd):
            raise failure(errno.EOPNOTSUPP)
        return end

    def _wait(self, work: Work[_Result], flags: int = 0) -> _Result:
        return here().wait(within(work, 0 if flags & _DONTWAIT else self._timeout))

    @staticmethod
    def _now(command: Callable[[], _Result]) -> _Result:
        async def work() -> _Result:
            return command()

        return here().wait(work())

    @staticmethod
    def _check_flags(flags: int, known: int = 0) -> bool:
        """Whether there are any ``known`` ones; EOPNOTSUPP for others."""
        if flags & ~(_HARMLESS | known):
            raise failure(errno.EOPNOTSUPP)
        return bool(flags & known)

    def _host(self, host: str) -> str:
        return self._process.names.addresses(host, 0 if self._end.v6 else socket.AF_INET)[0]

    def _endpoint(self, address: SocketAddress) -> Endpoint:
        return self._host(address[0]), address[1]

    def _shown(self, endpoint: Endpoint) -> SocketAddress:
        host, port = endpoint
        is_mapped = self._end.v6 and ":" not in host
        return socket_address(f"::ffff:{host}" if is_mapped else host, port)
