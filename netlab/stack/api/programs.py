"""What the programs of one host do with its stack."""

from __future__ import annotations

import errno
from collections.abc import Callable

from netlab.stack.api.datagrams import StackDatagrams
from netlab.stack.api.driver import Driver
from netlab.stack.api.endpoints import Endpoint, packed
from netlab.stack.api.listening import StackListener
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
from netlab.stack.ports import LocalPorts
from netlab.stack.raw import RawSocket
from netlab.stack.tcp.bindings import Binding
from netlab.stack.tcp.connection import Connection
from netlab.stack.tcp.profile import Profile
from netlab.stack.tcp.settings import DEFAULT, Settings
from netlab.stack.udp.events import DatagramReady, ErrorPending, UdpEvent
from netlab.stack.udp.settings import UdpSettings
from netlab.wire.address import unmapped
from netlab.wire.states import State

StackEvent = IpEvent | UdpEvent | TcpEvent

_ABOUT_CONNECTIONS = (Connected, Readable, Writable, Urgent, Closed)
_OPENING = frozenset({State.SYN_SENT, State.SYN_RCVD})


class Programs:
    """Sockets of a host. ``observe`` is told of what is not about them.

    Calls that fail raise OSError with the errno that socket(7), tcp(7) and udp(7) give. Calls that
    wait can be cancelled, also by ``asyncio.timeout``: what they would have taken is still there,
    what they have sent is sent. Times are nanoseconds.
    """

    def __init__(
        self, driver: Driver, *, observe: Callable[[StackEvent], None] | None = None
    ) -> None:
        self.driver = driver
        self.waiting = Waiting()
        #: What is done at once when something is told of a connection's urgent data.
        self.on_urgent: dict[Connection, Callable[[], None]] = {}
        self._observe = observe

    async def connect(
        self,
        remote: Endpoint,
        *,
        local: Endpoint | Binding | None = None,
        settings: Settings = DEFAULT,
    ) -> StackStream:
        """An established connection. Who stops waiting takes the attempt back."""
        driver, address = self.driver, unmapped(packed(remote[0]))
        binding = self.bind(local, settings=settings) if isinstance(local, tuple) else local
        try:
            connection = driver.host.tcp.connect(
                driver.now(), address, remote[1], binding=binding, settings=settings
            )
        except OSError:
            if binding is not None and binding is not local:
                self.release(binding)
            raise
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

    def bind(self, local: Endpoint, *, settings: Settings = DEFAULT) -> Binding:
        """A port for a connection to come; "" is any address, and 0 a port that is free."""
        address = unmapped(packed(local[0])) if local[0] else None
        return self.driver.host.tcp.bind(address, local[1], settings)

    def release(self, binding: Binding) -> None:
        """Give back what no connection has."""
        self.driver.host.tcp.sockets.unbind(binding)

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

    @property
    def profile(self) -> Profile:
        return self.driver.host.tcp.profile

    @property
    def ports(self) -> LocalPorts:
        return self.driver.host.ports

    def raw(self, protocol: int, *, v6: bool = False) -> StackRaw:
        """What comes of a protocol, by its number."""
        return StackRaw(self, RawSocket(self.driver.host.ip, protocol, v6=v6))

    def tell(self, event: StackEvent) -> None:
        """Something happened to the host."""
        if isinstance(event, _ABOUT_CONNECTIONS):
            if isinstance(event, Urgent) and event.connection in self.on_urgent:
                self.on_urgent[event.connection]()
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
