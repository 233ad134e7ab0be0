"""One UDP socket (RFC 768; RFC 1122, 4.1)."""

from __future__ import annotations

import errno
from collections import deque
from typing import TYPE_CHECKING

from netlab.stack.failure import failure
from netlab.stack.ip import addresses
from netlab.stack.udp.datagram import HeardError, UdpDatagram
from netlab.stack.udp.settings import UdpSettings
from netlab.wire.address import unmapped

if TYPE_CHECKING:
    from netlab.stack.ip.datagram import Buffer
    from netlab.stack.udp.layer import Udp

#: What a datagram that waits costs of the receive buffer, beyond its bytes.
_OVERHEAD = 256
#: Entries of the error queue.
MAX_ERRORS = 64


class UdpSocket:
    """Made by ``Udp.socket``. Addresses are bytes, as long as the family has them.

    Where nothing is bound, ``address`` is all zeros and ``port`` 0. A socket of IPv6 that is not
    ``only_v6`` speaks IPv4 by mapped addresses (RFC 3493, 3.7).
    """

    __slots__ = (
        "_datagrams",
        "_error",
        "_layer",
        "_queued",
        "address",
        "dropped",
        "errors",
        "groups",
        "interface",
        "is_closed",
        "local",
        "peer",
        "port",
        "remote_port",
        "settings",
        "size",
    )

    def __init__(self, layer: Udp, size: int, settings: UdpSettings) -> None:
        self._layer = layer
        self.size = size
        self.settings = settings
        #: What it is bound to, as bound, and as packets have it.
        self.address = bytes(size)
        self.local = bytes(size)
        self.port = 0
        #: Whom it is connected to, as packets have it, or None.
        self.peer: bytes | None = None
        self.remote_port = 0
        #: SO_BINDTODEVICE: the one interface it uses.
        self.interface: str | None = None
        self.groups: set[tuple[bytes, str]] = set()
        self.errors: deque[HeardError] = deque(maxlen=MAX_ERRORS)
        self.dropped = 0
        self.is_closed = False
        self._datagrams: deque[UdpDatagram] = deque()
        self._queued = 0
        self._error = 0

    @property
    def is_wildcard(self) -> bool:
        return not any(self.local)

    @property
    def is_readable(self) -> bool:
        return bool(self._datagrams) or self._error != 0

    def bind(self, address: bytes, port: int) -> None:
        """Take a local address, all zeros for any, and a port, 0 for one that is free.

        OSError: EINVAL if bound already, EADDRNOTAVAIL, EADDRINUSE.
        """
        self._check_open()
        if self.port:
            raise failure(errno.EINVAL)
        self._layer.bind(self, address, port)

    def connect(self, address: bytes, port: int) -> None:
        """Talk to one peer and hear of none else. Connecting again changes the peer.

        OSError: as sending; EACCES for a broadcast address without the setting.
        """
        self._check_open()
        self._layer.connect(self, address, port)

    def disconnect(self) -> None:
        """Talk to anybody again; a local address that was chosen by ``connect`` goes."""
        self._layer.disconnect(self)

    def send(
        self, now: int, data: Buffer, address: bytes | None = None, port: int | None = None
    ) -> int:
        """Send one datagram, to the peer or elsewhere; the number of bytes.

        OSError: what an ICMP error left, once; EDESTADDRREQ, EMSGSIZE, EACCES, ENETUNREACH,
        ENOBUFS, EINVAL, EADDRNOTAVAIL.
        """
        self._check_open()
        self._raise_pending()
        if address is None or port is None:
            if self.peer is None:
                raise failure(errno.EDESTADDRREQ)
            address, port = self.peer, self.remote_port
        self._layer.send(now, self, data, address, port)
        return len(data)

    def receive(self, size: int = 65535, *, peek: bool = False) -> UdpDatagram | None:
        """The next datagram, of which ``size`` bytes are kept, or None if there is none.

        OSError: what an ICMP error left, once.
        """
        self._check_open()
        self._raise_pending()
        if not self._datagrams:
            return None
        if peek:
            return self._datagrams[0].cut(size)
        datagram = self._datagrams.popleft()
        self._queued -= datagram.length + _OVERHEAD
        return datagram.cut(size)

    def take_error(self) -> int:
        """SO_ERROR: the errno that the next call would raise, which it then does not."""
        error, self._error = self._error, 0
        return error

    def join(self, now: int, group: bytes, interface: str) -> None:
        """OSError: EINVAL if it is no group, EADDRINUSE if joined already, ENODEV, ENOBUFS."""
        self._check_open()
        if not addresses.is_multicast(group):
            raise failure(errno.EINVAL)
        if (group, interface) in self.groups:
            raise failure(errno.EADDRINUSE)
        self._layer.join(now, group, interface)
        self.groups.add((group, interface))

    def leave(self, now: int, group: bytes, interface: str) -> None:
        """OSError(EADDRNOTAVAIL) if it is no member."""
        if (group, interface) not in self.groups:
            raise failure(errno.EADDRNOTAVAIL)
        self.groups.discard((group, interface))
        self._layer.leave(now, group, interface)

    def close(self, now: int) -> None:
        """Give up port, groups and what has not been received."""
        if self.is_closed:
            return
        for group, interface in sorted(self.groups):
            self.leave(now, group, interface)
        self._layer.forget(self)
        self.is_closed = True
        self._datagrams.clear()

    def shown(self, address: bytes) -> bytes:
        """An address as a program of this socket's family sees it."""
        if self.size == 16 and len(address) == 4:
            return bytes(10) + b"\xff\xff" + address
        return address

    def wire(self, address: bytes) -> bytes:
        """An address as packets have it. OSError: EAFNOSUPPORT, ENETUNREACH."""
        if len(address) != self.size:
            raise failure(errno.EAFNOSUPPORT)
        plain = unmapped(address)
        if len(plain) != self.size and self.settings.only_v6:
            raise failure(errno.ENETUNREACH)
        return plain

    def deliver(self, datagram: UdpDatagram) -> bool:
        """Keep a datagram; False if there is no room for it, and it is lost."""
        cost = datagram.length + _OVERHEAD
        if self._queued + cost > self.settings.receive_buffer and self._datagrams:
            self.dropped += 1
            return False
        self._queued += cost
        self._datagrams.append(datagram)
        return True

    def hear(self, heard: HeardError, *, is_hard: bool) -> bool:
        """An ICMP error about something that was sent; whether the program is told.

        RFC 1122, 4.1.3.3. A socket with many peers could not know which one an errno is about,
        so that only connected ones hear of hard errors unasked.
        """
        if self.settings.hear_errors:
            self.errors.append(heard)
        elif not is_hard or self.peer is None:
            return False
        self._error = heard.errno
        return True

    def _raise_pending(self) -> None:
        if self._error:
            raise failure(self.take_error())

    def _check_open(self) -> None:
        if self.is_closed:
            raise failure(errno.EBADF)
