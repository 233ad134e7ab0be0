"""A host's interfaces, addresses and routes, as an administrator or a protocol sets them."""

from __future__ import annotations

import errno
from collections import Counter, deque
from random import Random

from netlab.stack.failure import failure
from netlab.stack.ip import addresses
from netlab.stack.ip.arp import Arp
from netlab.stack.ip.counters import Counted
from netlab.stack.ip.events import AddressChanged, Event, RouteChanged
from netlab.stack.ip.filters import Filters
from netlab.stack.ip.groups import Groups
from netlab.stack.ip.icmp_errors import ErrorSender
from netlab.stack.ip.interface import AddressState, Assigned, Interface
from netlab.stack.ip.nd import NeighbourDiscovery
from netlab.stack.ip.pmtu import PathMtus
from netlab.stack.ip.probing import Probing
from netlab.stack.ip.resolver import Resolver
from netlab.stack.ip.routers import RouterDiscovery
from netlab.stack.ip.routes import Route, Routes
from netlab.stack.ip.sending import Sender

#: Events that nobody asks for: of more the oldest are dropped.
MAX_EVENTS = 10_000


class Configuration:
    """What there is, and the protocols that keep it: ARP, discovery and groups."""

    def __init__(self, random: Random, *, is_router: bool) -> None:
        self.random = random
        self.is_router = is_router
        self.counters: Counter[Counted] = Counter()
        self.events: deque[Event] = deque(maxlen=MAX_EVENTS)
        self.interfaces: dict[str, Interface] = {}
        self.routes = Routes()
        self._routes_of_down: dict[str, list[Route]] = {}
        self.path_mtus = PathMtus()
        self.filters = Filters()
        self.sender = Sender(
            self.interfaces,
            self.routes,
            self.path_mtus,
            random,
            self.counters,
            filters=self.filters,
        )
        self.errors = ErrorSender(self.sender, self.counters)
        self.filters.send_error = self.errors.reject
        self.probing = Probing(random, self._probed)
        self.arp = Arp(self.sender, self.probing, self.counters)
        self.nd = NeighbourDiscovery(self.sender, self.probing, self.counters)
        self.nd.is_router = is_router
        self.probing.asks_by(4, self.arp)
        self.probing.asks_by(16, self.nd)
        self.routers = RouterDiscovery(self, self.interfaces, random)
        self.groups = Groups(self.interfaces, random)
        timed = (self.routes, self.path_mtus, self.probing, self.routers, self.groups)
        #: Asked in every turn.
        self.timeouts = [each.next_timeout for each in timed]

    def add_interface(
        self, now: int, name: str, mac: bytes, mtu: int = 1500, *, segments: bool = False
    ) -> Interface:
        """Another interface, which is up, with its link-local address if it has IPv6 at all."""
        interface = Interface(
            name,
            mac,
            mtu,
            index=len(self.interfaces) + 1,
            resolver=Resolver(self, name),
            random=self.random,
            filters=self.filters,
            segments=segments,
        )
        self.interfaces[name] = interface
        self.timeouts.append(interface.neighbours.next_timeout)
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
            self._take_route(Route(prefix, assigned.prefix_length, interface))
        self.events.append(AddressChanged(now, interface, address, "removed"))

    def address_changed(self, now: int, interface: Interface, assigned: Assigned) -> None:
        state = assigned.state.value
        self.events.append(AddressChanged(now, interface.name, assigned.address, state))

    def add_route(self, now: int, route: Route) -> None:
        """KeyError if there is no such interface, ValueError if the prefix has host bits."""
        self.interfaces[route.interface]
        self._give_route(route)
        self._route_changed(now, route, is_added=True)

    def remove_route(self, now: int, route: Route) -> None:
        self._take_route(route)
        self._route_changed(now, route, is_added=False)

    def routes_through(self, name: str) -> list[Route]:
        """Those of an interface; while it is down, those that will be back with it."""
        down = self._routes_of_down.get(name)
        return [r for r in self.routes if r.interface == name] if down is None else list(down)

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
            self._routes_of_down[name] = routes = self.routes_through(name)
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

    def _known(self, name: str) -> Interface:
        if name not in self.interfaces:
            raise failure(errno.ENODEV)
        return self.interfaces[name]

    def _use(self, interface: Interface, address: bytes, prefix_length: int) -> None:
        self.sender.own[address] = interface
        prefix = addresses.network(address, prefix_length)
        self._give_route(Route(prefix, prefix_length, interface.name))

    def _give_route(self, route: Route) -> None:
        down = self._routes_of_down.get(route.interface)
        if down is None:
            self.routes.add(route)
        elif route not in down:
            down.append(route)

    def _take_route(self, route: Route) -> None:
        down = self._routes_of_down.get(route.interface)
        if down is None:
            self.routes.remove(route)
        elif route in down:
            down.remove(route)

    def _probed(
        self, now: int, interface: Interface, address: bytes, is_free: bool, rival: bytes
    ) -> None:
        assigned = interface.assigned[address]
        assigned.state = AddressState.PREFERRED if is_free else AddressState.DUPLICATED
        if is_free:
            self._use(interface, address, assigned.prefix_length)
        state = assigned.state.value
        self.events.append(AddressChanged(now, interface.name, address, state, rival))

    def _route_changed(self, now: int, route: Route, *, is_added: bool) -> None:
        self.events.append(
            RouteChanged(
                now, route.interface, route.prefix, route.prefix_length, route.gateway, is_added
            )
        )
