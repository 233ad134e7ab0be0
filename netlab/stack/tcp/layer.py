"""All connections and listeners of one host (RFC 9293, 3.9 and 3.10)."""

from __future__ import annotations

import errno
import random

from netlab.stack.events import Closed, Events, Readable, TcpEvent
from netlab.stack.ports import LocalPorts
from netlab.stack.tcp import errors, groups, passive, resets
from netlab.stack.tcp.bindings import Binding
from netlab.stack.tcp.connection import Connection
from netlab.stack.tcp.cookies import COOKIE_LIFETIME, SynCookies
from netlab.stack.tcp.isn import InitialNumbers
from netlab.stack.tcp.listener import Listener
from netlab.stack.tcp.outgoing import Outgoing
from netlab.stack.tcp.owner import Paths
from netlab.stack.tcp.pair import Pair
from netlab.stack.tcp.profile import LINUX, Profile
from netlab.stack.tcp.schedule import Schedule
from netlab.stack.tcp.segment import Payload
from netlab.stack.tcp.settings import DEFAULT, Settings
from netlab.stack.tcp.sockets import Sockets
from netlab.wire.address import IPV6_LENGTH
from netlab.wire.tcp import Tcp

#: Answers that wait for ``to_send``; more in one turn are dropped, as a full queue drops.
_POSTED = 4096


class TcpLayer:
    """Sans I/O. ``random`` seeds what strangers must not guess, and chooses ports."""

    def __init__(
        self,
        *,
        random: random.Random,
        routes: Paths,
        profile: Profile = LINUX,
        ports: LocalPorts | None = None,
    ) -> None:
        self.paths = routes
        self.profile = profile
        self.numbers = InitialNumbers(random)
        self.sockets = Sockets(random, ports or LocalPorts.between(profile.ephemeral_ports))
        self.cookies = SynCookies.seeded(random)
        self._cookies_until = 0
        self._quiet_until = 0
        self._events: Events[TcpEvent] = Events()
        self._schedule = Schedule()
        self._ready: dict[Connection, None] = {}
        self._posted: list[Outgoing] = []
        self._waiting: dict[Connection, None] = {}

    # Verbs.

    def receive(
        self,
        now: int,
        source: bytes,
        destination: bytes,
        header: Tcp,
        payload: Payload = b"",
        *,
        ecn: int = 0,
    ) -> None:
        """SEGMENT ARRIVES. The checksum is right."""
        pair = Pair(destination, header.destination_port, source, header.source_port)
        connection = self.sockets.connection(pair)
        if connection is not None:
            is_attempt = passive.is_new_attempt(connection, header)
            arrived = passive.Arrived(pair, header, payload) if is_attempt else None
            if not arrived or not passive.take_over(self, now, connection, arrived):
                connection.segment_arrives(now, header, payload, ecn)
            return
        if groups.is_group(destination) or groups.is_group(source):
            return  # MUST-57, MUST-63
        listener = self.sockets.listener(pair)
        arrived = passive.Arrived(pair, header, payload)
        if listener is None or not passive.arrives_in_listen(self, now, listener, arrived):
            self._refuse(pair, header, payload)

    def to_send(self, now: int) -> list[Outgoing]:
        """What may leave now; to be asked again until it is empty."""
        out, self._posted = self._posted, []
        ready, self._ready = self._ready, {}
        for connection in ready:
            if connection.send_segments(now, out):
                self._ready[connection] = None
            self._schedule.place(connection)
        return out

    def push(self, now: int, connection: Connection) -> None:
        """What the user wrote may leave at once: what is written next comes behind it."""
        if connection in self._ready and not connection.send_segments(now, self._posted):
            del self._ready[connection]
            self._schedule.place(connection)

    def next_timeout(self) -> int | None:
        self._place_ready()
        return self._schedule.next()

    def handle_timeout(self, now: int) -> None:
        self._place_ready()
        for item in self._schedule.due(now):
            assert isinstance(item, Connection)
            item.handle_timeout(now)
            self._schedule.place(item)

    def icmp_error(
        self,
        now: int,
        source: bytes,
        destination: bytes,
        quoted: Tcp,
        *,
        error: int,
        is_hard: bool,
        mtu: int | None = None,
    ) -> bool:
        """An error about a segment that we sent from ``source``; False if it is not believed.

        ``error`` is an errno. With ``mtu`` the segment was too big: the paths then tell the new
        size, and the connection goes on with smaller segments.
        """
        pair = Pair(source, quoted.source_port, destination, quoted.destination_port)
        connection = self.sockets.connection(pair)
        if connection is None:
            return False
        if not errors.quotes_what_is_on_its_way(connection, quoted.sequence):
            return False
        if mtu is not None:
            self.changed(connection)
        else:
            errors.happened(connection, now, error, is_hard=is_hard)
        return True

    def next_event(self) -> TcpEvent | None:
        return self._events.next()

    # Commands.

    def keep_quiet(self, until: int) -> None:
        """Assign no sequence numbers before: who lost its memory lets old segments die out.

        RFC 9293, 3.4.3. SYNs wait until then, those of peers are dropped; resets need no numbers.
        """
        self._quiet_until = until

    def bind(self, address: bytes | None, port: int, settings: Settings = DEFAULT) -> Binding:
        """Take a port for a listener or a connection to come; port 0 chooses one.

        ``0.0.0.0`` is every address of IPv4; ``::``, or None, every one of both families, unless
        ``settings.only_v6``.

        OSError: EADDRNOTAVAIL for an address of somebody else, EADDRINUSE.
        """
        if address is not None and any(address) and not self.paths.is_own(address):
            raise OSError(errno.EADDRNOTAVAIL, "this host has no such address")
        is_any_v6 = address is not None and len(address) == IPV6_LENGTH and not any(address)
        if is_any_v6 and not settings.only_v6:
            address = None
        binding = Binding(address, port, settings.reuse_address, settings.reuse_port)
        self.sockets.bind(binding)
        return binding

    def listen(
        self,
        now: int,
        port: int,
        *,
        address: bytes | None = None,
        backlog: int = 128,
        settings: Settings = DEFAULT,
    ) -> Listener:
        """Passive OPEN. OSError as ``bind``."""
        listener = Listener(self, self.bind(address, port, settings), backlog, settings)
        self.sockets.add_listener(listener)
        return listener

    def connect(
        self,
        now: int,
        remote: bytes,
        remote_port: int,
        *,
        local: bytes | None = None,
        binding: Binding | None = None,
        settings: Settings = DEFAULT,
    ) -> Connection:
        """Active OPEN. The connection is SYN_SENT; events tell what becomes of it.

        It leaves from what is bound, which it then keeps, or else from ``local`` and a port that
        is free.

        OSError with ENETUNREACH and the like from the routes; EADDRNOTAVAIL for a pair in use, and
        when all ephemeral ports to this peer are taken.
        """
        if groups.is_group(remote):
            raise OSError(errno.ENETUNREACH, "a group has no connections")  # MUST-46
        if binding is not None and binding.address and any(binding.address):
            local = binding.address
        source = local or self.paths.source_for(remote)
        if len(source) != len(remote):
            raise OSError(errno.EAFNOSUPPORT, "the peer's address is of another family")
        port = binding.port if binding else self.sockets.ephemeral_port(source, remote, remote_port)
        pair = Pair(source, port, remote, remote_port)
        if self.sockets.connection(pair) is not None:
            raise OSError(errno.EADDRNOTAVAIL, "a connection has this pair of addresses and ports")
        if self.sockets.is_full:
            raise OSError(errno.ENOBUFS, "this host has as many connections as it can")
        connection = self.add_connection(max(now, self._quiet_until), pair, settings)
        connection.binding = binding
        connection.open(now, quiet_until=self._quiet_until)
        return connection

    # What passive opens need.

    def new_connection(
        self,
        now: int,
        pair: Pair,
        settings: Settings,
        *,
        listener: Listener | None = None,
        iss: int | None = None,
    ) -> Connection:
        """One that no segment finds yet."""
        return Connection(
            pair,
            owner=self,
            profile=self.profile,
            settings=settings,
            iss=self.numbers.choose(now, pair) if iss is None else iss,
            initial_timestamp=self.numbers.timestamp_offset(pair),
            listener=listener,
        )

    def add_connection(
        self,
        now: int,
        pair: Pair,
        settings: Settings,
        *,
        listener: Listener | None = None,
        iss: int | None = None,
    ) -> Connection:
        connection = self.new_connection(now, pair, settings, listener=listener, iss=iss)
        self.sockets.add(connection)
        return connection

    def cookie_sent(self, now: int) -> None:
        self._cookies_until = now + COOKIE_LIFETIME

    def cookies_are_out(self, now: int) -> bool:
        """Whether an ACK may answer one: else it need not be looked at."""
        return now < self._cookies_until

    def is_quiet(self, now: int) -> bool:
        return now < self._quiet_until

    # What connections and listeners need (owner.Owner).

    def changed(self, connection: Connection) -> None:
        self._ready[connection] = None

    def post(self, outgoing: Outgoing) -> None:
        if len(self._posted) < _POSTED:
            self._posted.append(outgoing)

    def tell(self, event: TcpEvent) -> None:
        self._events.tell(event)

    def readable(self, connection: Connection) -> None:
        self._events.tell_once(Readable(connection))

    def observe(self, event: TcpEvent) -> None:
        self._events.observe(event)

    def waits(self, connection: Connection, now: int) -> None:
        self._waiting[connection] = None
        if len(self._waiting) > self.profile.time_waits:
            next(iter(self._waiting)).end_wait(now)

    def gone(self, connection: Connection) -> None:
        self._waiting.pop(connection, None)
        self.sockets.remove(connection)
        if connection.binding is not None:
            self.sockets.unbind(connection.binding)
        self._ready.pop(connection, None)
        self._schedule.remove(connection)
        if connection.listener is None or not connection.listener.forget(connection):
            self._events.tell(Closed(connection, connection.error))

    def listener_closed(self, listener: Listener) -> None:
        self.sockets.remove_listener(listener)

    def _place_ready(self) -> None:
        """Deadlines of connections that ``to_send`` was not asked about yet."""
        for connection in self._ready:
            self._schedule.place(connection)

    def _refuse(self, pair: Pair, header: Tcp, payload: Payload) -> None:
        reset = resets.answer(pair, header, len(payload), self.profile.hop_limit)
        if reset is not None:
            self.post(reset)
