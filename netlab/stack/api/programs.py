"""What the programs of one host do with its stack."""

from __future__ import annotations

import errno
from collections.abc import Callable

from netlab.stack.api.datagrams import StackDatagrams
from netlab.stack.api.driver import Driver
from netlab.stack.api.endpoints import packed
from netlab.stack.api.listening import StackListener
from netlab.stack.api.protocol import Endpoint
from netlab.stack.api.raw import StackRaw
from netlab.stack.api.stream import StackStream
from netlab.stack.api.waiting import Waiting
from netlab.stack.events import (
    Acceptable,
    Closed,
    Connected,
    Readable,
    TcpEvent,
    Transition,
    Urgent,
    Writable,
)
from netlab.stack.failure import failure
from netlab.stack.ip.events import Event as IpEvent
from netlab.stack.ip.events import RawReady
from netlab.stack.raw import RawSocket
from netlab.stack.tcp.connection import Connection
from netlab.stack.tcp.settings import DEFAULT, Settings
from netlab.stack.udp.events import DatagramReady, ErrorPending, UdpEvent
from netlab.stack.udp.settings import UdpSettings
from netlab.wire.address import unmapped
from netlab.wire.states import State

StackEvent = IpEvent | UdpEvent | TcpEvent

_ABOUT_CONNECTIONS = (Connected, Readable, Writable, Urgent, Closed)
_OPENING = frozenset({State.SYN_SENT, State.SYN_RCVD})


class Programs:
    """Fulfils ``protocol.Network``. ``observe`` is told of what is not about its sockets."""

    def __init__(
        self, driver: Driver, *, observe: Callable[[StackEvent], None] | None = None
    ) -> None:
        self.driver = driver
        self.waiting = Waiting()
        self._observe = observe

    async def connect(
        self, remote: Endpoint, *, local: Endpoint | None = None, settings: Settings = DEFAULT
    ) -> StackStream:
        """An established connection. Who stops waiting takes the attempt back."""
        driver = self.driver
        connection = driver.host.tcp.connect(
            driver.now(),
            unmapped(packed(remote[0])),
            remote[1],
            local=unmapped(packed(local[0])) if local and local[0] else None,
            local_port=local[1] if local else 0,
            settings=settings,
        )
        driver.stirred()
        try:
            while connection.state in _OPENING:
                await self.waiting.event(connection)
        except BaseException:
            connection.abort(driver.now())
            driver.stirred()
            raise
        _raise_failure(connection)
        return StackStream(self, connection)

    def listen(
        self, local: Endpoint, *, backlog: int = 128, settings: Settings = DEFAULT
    ) -> StackListener:
        """``::`` is every address of both families, and port 0 one that is free."""
        driver = self.driver
        address = packed(local[0])
        listener = driver.host.tcp.listen(
            driver.now(), local[1], address=address, backlog=backlog, settings=settings
        )
        return StackListener(self, listener, address)

    def datagrams(self, *, v6: bool = False, settings: UdpSettings | None = None) -> StackDatagrams:
        """A socket that is bound to nothing yet. One of IPv6 speaks IPv4, too."""
        return StackDatagrams(self, self.driver.host.udp.socket(v6=v6, settings=settings))

    def raw(self, protocol: int, *, v6: bool = False) -> StackRaw:
        """What comes of a protocol, by its number."""
        return StackRaw(self, RawSocket(self.driver.host.ip, protocol, v6=v6))

    def tell(self, event: StackEvent) -> None:
        """Something happened to the host."""
        if isinstance(event, _ABOUT_CONNECTIONS):
            self.waiting.wake(event.connection)
        elif isinstance(event, Acceptable):
            self.waiting.wake(event.listener)
        elif isinstance(event, DatagramReady | ErrorPending | RawReady):
            self.waiting.wake(event.socket)
        elif self._observe is not None:
            self._observe(event)
        if isinstance(event, Transition):
            self.waiting.wake(event.pair)


def _raise_failure(connection: Connection) -> None:
    if connection.state is not State.CLOSED:
        return
    number, connection.error = connection.error or errno.ECONNABORTED, 0
    raise failure(number)
