"""The internet layer of one host or router: frames in, frames out."""

from __future__ import annotations

import errno
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import TypeAlias

from netlab.stack.deadlines import earliest
from netlab.stack.failure import failure
from netlab.stack.ip import addresses, extensions, options
from netlab.stack.ip.arp import Arp
from netlab.stack.ip.counters import Counted
from netlab.stack.ip.datagram import Buffer, Frame, Outbound, Received, Segmentation
from netlab.stack.ip.events import (
    AddressChanged,
    Event,
    NeighbourChanged,
    PathMtuChanged,
    RouteChanged,
)
from netlab.stack.ip.forwarding import Forwarder
from netlab.stack.ip.groups import Groups
from netlab.stack.ip.icmp_errors import ErrorSender
from netlab.stack.ip.icmp_layer import IcmpLayer
from netlab.stack.ip.interface import AddressState, Assigned, Interface
from netlab.stack.ip.nd import NeighbourDiscovery
from netlab.stack.ip.neighbours import Neighbour
from netlab.stack.ip.pmtu import PathMtus
from netlab.stack.ip.probing import Probing
from netlab.stack.ip.reassembly import Reassembly
from netlab.stack.ip.receiving import take_ipv4, take_ipv6
from netlab.stack.ip.redirects import Redirects
from netlab.stack.ip.refused import Refused
from netlab.stack.ip.routers import RouterDiscovery
from netlab.stack.ip.routes import Route, Routes
from netlab.stack.ip.sending import Looped, Sender
from netlab.wire import arp, ethernet, icmp, icmpv6, igmp, ipv4, ipv6
from netlab.wire.errors import ParseError
from netlab.wire.icmp import Icmp
from netlab.wire.icmp_error import IcmpError
from netlab.wire.icmpv6 import Icmpv6
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import Ipv6

#: Events that nobody asks for: of more the oldest are dropped.
MAX_EVENTS = 10_000

_HOST_UNREACHABLE_V4 = IcmpError(icmp.Type.DESTINATION_UNREACHABLE, icmp.Unreachable.HOST)
_HOST_UNREACHABLE_V6 = IcmpError(icmpv6.Type.DESTINATION_UNREACHABLE, icmpv6.Unreachable.ADDRESS)
_NO_PROTOCOL_V4 = IcmpError(icmp.Type.DESTINATION_UNREACHABLE, icmp.Unreachable.PROTOCOL)

#: What a transport does with a datagram; it may raise Refused.
Handler: TypeAlias = Callable[[int, Received], None]


class Ip:
    """``protocols`` are the transports, by the protocol number."""

    def __init__(self, random: Random, *, is_router: bool = False) -> None:
        self.random = random
        self.is_router = is_router
        self.counters: Counter[Counted] = Counter()
        self.events: deque[Event] = deque(maxlen=MAX_EVENTS)
        self.interfaces: dict[str, Interface] = {}
        self.routes = Routes()
        self._routes_of_down: dict[str, list[Route]] = {}
        self.path_mtus = PathMtus()
        self.sender = Sender(self.interfaces, self.routes, self.path_mtus, random, self.counters)
        self.errors = ErrorSender(self.sender, self.counters)
        self.forwarder = Forwarder(self.sender, self.counters)
        self.probing = Probing(random, self._probed)
        self.arp = Arp(self.sender, self.probing, self.counters)
        self.nd = NeighbourDiscovery(self.sender, self.probing, self.counters)
        self.nd.is_router = is_router
        self.probing.asks_by(4, self.arp)
        self.probing.asks_by(16, self.nd)
        self.reassembly = Reassembly()
        self.icmp = IcmpLayer(self.sender, self.counters)
        self.icmp.on_too_big = self._too_big
        #: Who looks at what comes in, by protocol; raw sockets.
        self.observers: dict[int, list[Callable[[Received], None]]] = {}
        self.routers = RouterDiscovery(self, self.interfaces, random)
        self.groups = Groups(self.interfaces, random)
        self.protocols: dict[int, Handler] = {igmp.PROTOCOL: self._igmp}
        self.redirects = Redirects(self.sender, self.routes, self.counters)
        self.redirects.are_followed = not is_router
        self.icmp.messages |= {
            (4, icmp.Type.REDIRECT): self._redirected,
            (6, icmpv6.Type.REDIRECT): self._redirected,
            (6, icmpv6.Type.MULTICAST_LISTENER_QUERY): self._mld_query,
            (6, icmpv6.Type.ROUTER_SOLICITATION): self._router_message,
            (6, icmpv6.Type.ROUTER_ADVERTISEMENT): self._router_message,
            (6, icmpv6.Type.NEIGHBOR_SOLICITATION): self.nd.receive,
            (6, icmpv6.Type.NEIGHBOR_ADVERTISEMENT): self.nd.receive,
        }

    def add_interface(
        self, now: int, name: str, mac: bytes, mtu: int = 1500, *, segments: bool = False
    ) -> Interface:
        """Another interface, which is up, with its link-local address if it has IPv6 at all."""
        interface = Interface(
            name,
            mac,
            mtu,
            index=len(self.interfaces) + 1,
            resolver=_Resolver(self, name),
            random=self.random,
            segments=segments,
        )
        self.interfaces[name] = interface
        self.sender.forget_ways()
        interface.join(addresses.ALL_HOSTS)
        if interface.has_ipv6:
            interface.join(addresses.ALL_NODES)
            if self.is_router:
                self.join(now, name, addresses.ALL_ROUTERS)
            self.add_address(now, name, addresses.link_local(mac), 64)
        return interface

    def add_address(
        self, now: int, interface: str, address: bytes, prefix_length: int, *, probe: bool = False
    ) -> None:
        """Give an interface an address, and the route to its network.

        ``probe`` asks first whether it is somebody else's; it can be used when AddressChanged
        says ``preferred``. ValueError for what is no unicast address of a host.
        """
        if not addresses.may_be_source(address) or addresses.is_loopback(address):
            raise ValueError(f"{address.hex()} is no address for an interface")
        on = self.interfaces[interface]
        state = AddressState.TENTATIVE if probe else AddressState.PREFERRED
        on.assign(Assigned(address, prefix_length, state))
        if len(address) == 16:
            self.join(now, interface, addresses.solicited_node(address))
        if probe:
            self.probing.begin(now, on, address)
        else:
            self._use(on, address, prefix_length)

    def remove_address(self, now: int, interface: str, address: bytes) -> None:
        """Take an address away, with the route to its network if no other needs it."""
        on = self.interfaces[interface]
        assigned = on.assigned.get(address)
        if assigned is None:
            return
        self.probing.stop(on, address)
        on.withdraw(address)
        self.sender.own.pop(address, None)
        if len(address) == 16:
            self.leave(now, interface, addresses.solicited_node(address))
        prefix = addresses.network(address, assigned.prefix_length)
        if not any(
            a.prefix_length == assigned.prefix_length and a.is_on_link(address)
            for a in on.assigned.values()
        ):
            self.routes.remove(Route(prefix, assigned.prefix_length, interface))
        self.events.append(AddressChanged(now, interface, address, "removed"))

    def address_changed(self, now: int, interface: Interface, assigned: Assigned) -> None:
        state = assigned.state.value
        self.events.append(AddressChanged(now, interface.name, assigned.address, state))

    def add_route(self, now: int, route: Route) -> None:
        """KeyError if there is no such interface, ValueError if the prefix has host bits."""
        self.interfaces[route.interface]
        self.routes.add(route)
        self._route_changed(now, route, is_added=True)

    def remove_route(self, now: int, route: Route) -> None:
        self.routes.remove(route)
        self._route_changed(now, route, is_added=False)

    def set_up(self, now: int, name: str, *, is_up: bool) -> None:
        """Take an interface down, or up again.

        Meanwhile no route leads through it, as in Linux; its neighbours and redirects are
        forgotten, its addresses are not.
        """
        interface = self.interfaces[name]
        if interface.is_up == is_up:
            return
        interface.is_up = is_up
        interface.queue.clear()
        interface.neighbours.forget()
        self.routes.forget_redirects(name)
        if is_up:
            for route in self._routes_of_down.pop(name, ()):
                self.routes.add(route)
            for group in interface.groups:
                self.groups.changed(now, interface, group)
        else:
            routes = [route for route in self.routes if route.interface == name]
            self._routes_of_down[name] = routes
            for route in routes:
                self.routes.remove(route)

    def set_mtu(self, name: str, mtu: int) -> None:
        """ValueError for less or more than an interface can have."""
        interface = self.interfaces[name]
        interface.set_mtu(mtu)
        self.sender.forget_ways()

    def join(self, now: int, interface: str, group: bytes) -> None:
        """Listen to a group, and say so; OSError(ENODEV)."""
        on = self._known(interface)
        if on.join(group):
            self.groups.changed(now, on, group)

    def leave(self, now: int, interface: str, group: bytes) -> None:
        """As often as it was joined."""
        on = self._known(interface)
        if on.leave(group):
            self.groups.changed(now, on, group)

    def receive(
        self,
        now: int,
        name: str,
        frame: Buffer,
        *,
        is_verified: bool = False,
        segmentation: Segmentation | None = None,
    ) -> None:
        """A frame that has come in, as Host.receive has it."""
        interface = self.interfaces[name]
        view = memoryview(frame)
        try:
            header, offset = ethernet.parse(view)
        except ParseError:
            return
        destination, kind = header.destination, header.ethertype
        if not interface.is_up or destination not in interface.macs:
            return
        if kind == arp.ETHERTYPE:
            self.arp.receive(now, interface, view, offset, header.source)
        elif kind in {ipv4.ETHERTYPE, ipv6.ETHERTYPE}:
            self._receive_datagram(
                now,
                interface,
                view[offset:],
                is_for_many=bool(destination[0] & 1),
                is_verified=is_verified or segmentation is not None,
                segmentation=segmentation,
            )

    def receive_looped(self, now: int) -> None:
        """What this host has sent to itself."""
        looped: Looped = self.sender.looped.popleft()
        self._receive_datagram(
            now,
            looped.interface,
            memoryview(looped.datagram),
            is_for_many=looped.is_for_many,
            is_verified=True,
            is_looped=True,
        )

    def frames_to_send(self) -> list[Frame]:
        frames: list[Frame] = []
        for interface in self.interfaces.values():
            frames += interface.queue
            interface.queue.clear()
        return frames

    def next_timeout(self) -> int | None:
        return earliest(
            self.routes.next_timeout(),
            self.path_mtus.next_timeout(),
            self.reassembly.next_timeout(),
            self.probing.next_timeout(),
            self.groups.next_timeout(),
            self.routers.next_timeout(),
            *(i.neighbours.next_timeout() for i in self.interfaces.values()),
        )

    def handle_timeout(self, now: int) -> None:
        self.routes.handle_timeout(now)
        for destination in self.path_mtus.handle_timeout(now):
            self.events.append(PathMtuChanged(now, destination, None))
        for first in self.reassembly.handle_timeout(now):
            self._give_up_fragments(now, first)
        self.probing.handle_timeout(now)
        self.groups.handle_timeout(now)
        self.routers.handle_timeout(now)
        for interface in self.interfaces.values():
            interface.neighbours.handle_timeout(now)

    def _receive_datagram(
        self,
        now: int,
        interface: Interface,
        view: memoryview,
        *,
        is_for_many: bool,
        is_verified: bool,
        is_looped: bool = False,
        segmentation: Segmentation | None = None,
    ) -> None:
        self.counters[Counted.IN_RECEIVES] += 1
        take = take_ipv4 if view and view[0] >> 4 == 4 else take_ipv6
        try:
            received = take(
                interface,
                view,
                is_for_many=is_for_many,
                is_verified=is_verified,
                is_looped=is_looped,
            )
        except Refused as refused:
            self.counters[refused.counted] += 1
            return
        if segmentation is not None:
            received = replace(received, segmentation=segmentation)
        self._take(now, received, self._route)

    def _take(self, now: int, received: Received, step: Handler) -> None:
        try:
            step(now, received)
        except Refused as refused:
            self._refuse(now, received, refused)

    def _route(self, now: int, received: Received) -> None:
        ip = received.ip
        if isinstance(ip, Ipv4):
            if ip.options:
                options.check(ip.options)
        elif ip.extensions:
            extensions.check_hop_by_hop(ip)
        if self._is_for_us(received):
            self._deliver(now, received)
        elif self.is_router and not addresses.is_multicast(ip.destination):
            way = self.forwarder.forward(now, received)
            self.redirects.send(now, received, way)
        else:
            raise Refused(Counted.IN_ADDRESS_ERRORS)

    def _known(self, name: str) -> Interface:
        if name not in self.interfaces:
            raise failure(errno.ENODEV)
        return self.interfaces[name]

    def _is_for_us(self, received: Received) -> bool:
        destination, interface = received.ip.destination, received.interface
        if destination in self.sender.own:
            return True
        if destination in interface.groups or destination in interface.broadcasts:
            return True
        return addresses.is_loopback(destination)

    def _deliver(self, now: int, received: Received) -> None:
        if not received.ip.is_fragment:
            self._hand_up(now, received)
            return
        whole = self.reassembly.add(now, received)
        if whole is not None:
            self.counters[Counted.REASSEMBLED] += 1
            self._take(now, whole, self._hand_up)

    def _hand_up(self, now: int, received: Received) -> None:
        ip = received.ip
        if isinstance(ip, Ipv6) and ip.extensions:
            extensions.check_at_destination(ip)
        observers = self.observers.get(ip.protocol, ())
        for observe in observers:
            observe(received)
        if ip.protocol == (icmp.PROTOCOL if ip.version == 4 else icmpv6.PROTOCOL):
            self.icmp.receive(now, received)
            return
        handler = self.protocols.get(ip.protocol)
        if handler is None:
            if ip.protocol == ipv6.NO_NEXT_HEADER and ip.version == 6:
                return  # RFC 8200, 4.7
            if observers:
                return
            raise Refused(Counted.IN_UNKNOWN_PROTOCOLS, _no_protocol(received))
        handler(now, received)

    def _refuse(self, now: int, received: Received, refused: Refused) -> None:
        self.counters[refused.counted] += 1
        if refused.answer is not None:
            self.errors.send(
                now,
                refused.answer,
                received.datagram,
                interface=received.interface.name,
                is_for_many=received.is_for_many,
            )

    def _give_up_fragments(self, now: int, first: Received | None) -> None:
        self.counters[Counted.REASSEMBLY_TIMEOUTS] += 1
        if first is None:
            return
        kind = icmp.Type.TIME_EXCEEDED if first.ip.version == 4 else icmpv6.Type.TIME_EXCEEDED
        self._refuse(now, first, Refused(Counted.REASSEMBLY_FAILED, IcmpError(kind, 1)))

    def _use(self, interface: Interface, address: bytes, prefix_length: int) -> None:
        self.sender.own[address] = interface
        prefix = addresses.network(address, prefix_length)
        self.routes.add(Route(prefix, prefix_length, interface.name))

    def _probed(
        self, now: int, interface: Interface, address: bytes, is_free: bool, rival: bytes
    ) -> None:
        assigned = interface.assigned[address]
        assigned.state = AddressState.PREFERRED if is_free else AddressState.DUPLICATED
        if is_free:
            self._use(interface, address, assigned.prefix_length)
        state = assigned.state.value
        self.events.append(AddressChanged(now, interface.name, address, state, rival))

    def _igmp(self, now: int, received: Received) -> None:
        if received.ip.version == 4:
            self.groups.receive_igmp(now, received)

    def _router_message(
        self, now: int, received: Received, message: Icmp | Icmpv6, _: bytes
    ) -> None:
        assert isinstance(message, Icmpv6)
        if message.type == icmpv6.Type.ROUTER_SOLICITATION:
            self.routers.receive_solicitation(now, received, message)
        else:
            self.routers.receive_advertisement(now, received, message)

    def _mld_query(self, now: int, received: Received, message: Icmp | Icmpv6, _: bytes) -> None:
        assert isinstance(message, Icmpv6)
        self.groups.receive_mld(now, received, message)

    def _redirected(
        self, now: int, received: Received, message: Icmp | Icmpv6, quote: bytes
    ) -> None:
        take = self.redirects.receive_v4 if received.ip.version == 4 else self.redirects.receive_v6
        changed = take(now, received, message, quote)
        if changed is not None:
            self.events.append(changed)

    def _route_changed(self, now: int, route: Route, *, is_added: bool) -> None:
        self.events.append(
            RouteChanged(
                now, route.interface, route.prefix, route.prefix_length, route.gateway, is_added
            )
        )

    def _too_big(self, now: int, destination: bytes, mtu: int, size: int) -> None:
        try:
            current = self.sender.mtu(destination)
        except OSError:
            return
        found = self.path_mtus.too_big(now, destination, mtu, size, current)
        if found is not None:
            self.events.append(PathMtuChanged(now, destination, found))


class _Resolver:
    """What the neighbour table of an interface wants done."""

    def __init__(self, ip: Ip, name: str) -> None:
        self._ip = ip
        self._name = name

    @property
    def _interface(self) -> Interface:
        return self._ip.interfaces[self._name]

    def ask(self, now: int, neighbour: Neighbour) -> None:
        asker = self._ip.arp if len(neighbour.address) == 4 else self._ip.nd
        asker.ask(self._interface, neighbour)

    def deliver(self, now: int, outbound: Outbound, mac: bytes) -> None:
        self._interface.transmit(mac, outbound, limit=None)

    def lose(self, now: int, neighbour: Neighbour, outbound: Outbound) -> None:
        """Its source is told, be it a host behind us or a socket of ours (RFC 1812, 5.2.7.1)."""
        self._ip.routes.forget_gateway(neighbour.address)
        is_v4 = outbound.head[0] >> 4 == 4
        error = _HOST_UNREACHABLE_V4 if is_v4 else _HOST_UNREACHABLE_V6
        self._ip.errors.send(now, error, outbound.joined(), interface=self._name)

    def changed(self, now: int, neighbour: Neighbour) -> None:
        event = NeighbourChanged(
            now, self._name, neighbour.address, neighbour.state.value, neighbour.mac
        )
        self._ip.events.append(event)


def _no_protocol(received: Received) -> IcmpError:
    """RFC 1122, 3.2.2.1, and RFC 8200, section 4: where the next header's number stands."""
    if isinstance(received.ip, Ipv4):
        return _NO_PROTOCOL_V4
    extensions = received.ip.extensions
    last = len(extensions[-1].body) + 2 if extensions else 0
    pointer = received.ip.header_length - last if extensions else 6
    return IcmpError(icmpv6.Type.PARAMETER_PROBLEM, 1, pointer)
