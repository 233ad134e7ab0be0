"""Routers of IPv6: finding them and being one (RFC 4861, section 6), and RFC 4862's addresses.

A host listens where ``Interface.accepts_advertisements`` says so.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Protocol, TypeAlias

from netlab.stack.deadlines import Deadlines, earliest
from netlab.stack.ip import addresses
from netlab.stack.ip.datagram import Received
from netlab.stack.ip.interface import MAX_ADDRESSES, MIN_MTU_V6, AddressState, Assigned, Interface
from netlab.stack.ip.nd import is_valid, option, transmit
from netlab.stack.ip.routes import Route
from netlab.stack.ip.switch import Switch
from netlab.stack.units import MILLISECOND, SECOND
from netlab.wire import icmpv6, router_advertisement
from netlab.wire.errors import ParseError
from netlab.wire.icmp import Icmp
from netlab.wire.icmpv6 import Icmpv6, NdOption, NdOptionType
from netlab.wire.router_advertisement import INFINITE, Prefix, RouterAdvertisement

#: RFC 4861, section 10.
MAX_RTR_SOLICITATIONS = 3
RTR_SOLICITATION_INTERVAL = 4 * SECOND
MAX_RTR_SOLICITATION_DELAY = 1 * SECOND
MAX_INITIAL_RTR_ADVERT_INTERVAL = 16 * SECOND
MAX_INITIAL_RTR_ADVERTISEMENTS = 3
MAX_RA_DELAY_TIME = 500 * MILLISECOND
#: RFC 4861, 6.2.1: between advertisements that nobody asked for.
MIN_RTR_ADV_INTERVAL, MAX_RTR_ADV_INTERVAL = 200 * SECOND, 600 * SECOND
#: RFC 4862, 5.5.3 (e): an advertisement cannot take an address away sooner.
TWO_HOURS = 7200
#: Routes that advertisements may make.
MAX_ROUTES = 64

_DEFAULT = bytes(16), 0


class Owner(Protocol):
    """What the advertisements change; the layer does it."""

    def add_route(self, now: int, route: Route) -> None: ...

    def remove_route(self, now: int, route: Route) -> None: ...

    def add_address(
        self, now: int, interface: str, address: bytes, prefix_length: int, *, probe: bool = False
    ) -> None: ...

    def remove_address(self, now: int, interface: str, address: bytes) -> None: ...

    def address_changed(self, now: int, interface: Interface, assigned: Assigned) -> None: ...


_AddressKey: TypeAlias = tuple[str, bytes]


class RouterDiscovery:
    def __init__(self, owner: Owner, interfaces: dict[str, Interface], random: Random) -> None:
        #: Whether addresses that advertisements make are probed.
        self.probes = Switch(everywhere=False, each=True)
        self._owner = owner
        self._interfaces = interfaces
        self._random = random
        self._solicitations: Deadlines[str] = Deadlines()
        self._solicited: dict[str, int] = {}
        self._routes: Deadlines[Route] = Deadlines()
        self._learnt: dict[Route, None] = {}
        self._addresses: Deadlines[_AddressKey] = Deadlines()
        self._advertised: dict[str, RouterAdvertisement] = {}
        self._advertisements: Deadlines[str] = Deadlines()
        self._advertisement_count: dict[str, int] = {}

    def solicit(self, now: int, interface: Interface) -> None:
        """Ask for routers, up to three times, until one answers (6.3.7)."""
        self._solicited[interface.name] = 0
        wait = self._random.uniform(0, MAX_RTR_SOLICITATION_DELAY)
        self._solicitations.set(interface.name, now + int(wait))

    def advertise(
        self, now: int, interface: Interface, advertisement: RouterAdvertisement | None
    ) -> None:
        """Be a router on a link, at once and from time to time; None: be none any more (6.2)."""
        name = interface.name
        before = self._advertised.pop(name, None)
        self._advertisements.cancel(name)
        if advertisement is not None:
            mac = advertisement.mac or interface.mac
            self._advertised[name] = replace(advertisement, mac=mac)
            self._advertisement_count[name] = 0
            self._advertisements.set(name, now)
        elif before is not None:
            self._send(interface, replace(before, lifetime=0))

    def receive_solicitation(
        self, now: int, received: Received, message: Icmp | Icmpv6, _: bytes
    ) -> None:
        """6.2.6: the answer goes to all, after a short random wait, with others' answers."""
        assert isinstance(message, Icmpv6)
        name = received.interface.name
        if name not in self._advertised or not is_valid(received, message):
            return
        mac = option(message, NdOptionType.SOURCE_LINK_LAYER_ADDRESS)
        source = received.ip.source
        if any(source) and mac is not None:
            received.interface.neighbours.heard(now, source, mac)
        when = now + int(self._random.uniform(0, MAX_RA_DELAY_TIME))
        planned = self._advertisements.when(name)
        self._advertisements.set(name, min(when, planned if planned is not None else when))

    def receive_advertisement(
        self, now: int, received: Received, message: Icmp | Icmpv6, _: bytes
    ) -> None:
        """6.1.2 and 6.3.4."""
        assert isinstance(message, Icmpv6)
        interface, router = received.interface, received.ip.source
        if not interface.accepts_advertisements or not is_valid(received, message):
            return
        if not addresses.is_link_local(router) or interface.name in self._advertised:
            return
        try:
            advertisement = router_advertisement.parse(message)
        except ParseError:
            return
        self._solicitations.cancel(interface.name)
        self._take_parameters(now, interface, router, advertisement)
        default = Route(*_DEFAULT, interface.name, router, metric=1024)
        self._learn(now, default, advertisement.lifetime)
        for prefix in advertisement.prefixes:
            self._take_prefix(now, interface, prefix)

    def next_timeout(self) -> int | None:
        return earliest(
            self._solicitations.next(),
            self._routes.next(),
            self._addresses.next(),
            self._advertisements.next(),
        )

    def handle_timeout(self, now: int) -> None:
        for name in self._solicitations.expired(now):
            self._solicit_again(now, self._interfaces[name])
        for route in self._routes.expired(now):
            self._forget(now, route)
        for name, address in self._addresses.expired(now):
            self._age(now, self._interfaces[name], address)
        for name in self._advertisements.expired(now):
            self._advertise_again(now, self._interfaces[name])

    def _solicit_again(self, now: int, interface: Interface) -> None:
        self._solicited[interface.name] += 1
        source = interface.link_local or addresses.ANY_V6
        options = b""
        if any(source):
            mac = NdOption(NdOptionType.SOURCE_LINK_LAYER_ADDRESS, interface.mac)
            options = mac.emit()
        message = Icmpv6(icmpv6.Type.ROUTER_SOLICITATION, 0, bytes(4), options)
        to = addresses.ALL_ROUTERS
        transmit(interface, source, to, message, addresses.multicast_mac(to))
        if self._solicited[interface.name] < MAX_RTR_SOLICITATIONS:
            self._solicitations.set(interface.name, now + RTR_SOLICITATION_INTERVAL)

    def _advertise_again(self, now: int, interface: Interface) -> None:
        name = interface.name
        self._send(interface, self._advertised[name])
        self._advertisement_count[name] += 1
        wait = int(self._random.uniform(MIN_RTR_ADV_INTERVAL, MAX_RTR_ADV_INTERVAL))
        if self._advertisement_count[name] < MAX_INITIAL_RTR_ADVERTISEMENTS:
            wait = min(wait, MAX_INITIAL_RTR_ADVERT_INTERVAL)
        self._advertisements.set(name, now + wait)

    @staticmethod
    def _send(interface: Interface, advertisement: RouterAdvertisement) -> None:
        source, to = interface.link_local, addresses.ALL_NODES
        if source is not None:
            mac = addresses.multicast_mac(to)
            transmit(interface, source, to, advertisement.message(), mac)

    def _take_parameters(
        self, now: int, interface: Interface, router: bytes, said: RouterAdvertisement
    ) -> None:
        neighbours = interface.neighbours
        if said.hop_limit:
            interface.hop_limit = said.hop_limit
        if said.reachable_time:
            neighbours.reachable_time = said.reachable_time * MILLISECOND
        if said.retrans_timer:
            neighbours.retrans_timer = said.retrans_timer * MILLISECOND
        if said.mtu is not None and MIN_MTU_V6 <= said.mtu <= interface.mtu:
            interface.mtu_v6 = said.mtu
        if said.mac is not None:
            neighbours.heard(now, router, said.mac)

    def _take_prefix(self, now: int, interface: Interface, said: Prefix) -> None:
        if said.length > 128 or addresses.is_link_local(said.prefix):
            return
        prefix = addresses.network(said.prefix, said.length)
        if addresses.is_multicast(prefix):
            return
        if said.on_link:
            self._learn(now, Route(prefix, said.length, interface.name), said.valid)
        if said.autonomous and said.length == 64:  # with an interface identifier, 128 bits
            self._make_address(now, interface, prefix, said)

    def _learn(self, now: int, route: Route, lifetime: int) -> None:
        if lifetime == 0:
            if route in self._learnt:
                self._forget(now, route)
            return
        if route not in self._learnt:
            if len(self._learnt) >= MAX_ROUTES:
                return
            self._learnt[route] = None
            self._owner.add_route(now, route)
        if lifetime != INFINITE:
            self._routes.set(route, now + lifetime * SECOND)
        else:
            self._routes.cancel(route)

    def _forget(self, now: int, route: Route) -> None:
        self._learnt.pop(route, None)
        self._routes.cancel(route)
        self._owner.remove_route(now, route)

    def _make_address(self, now: int, interface: Interface, prefix: bytes, said: Prefix) -> None:
        """RFC 4862, 5.5.3."""
        if said.preferred > said.valid:
            return
        address = prefix[:8] + addresses.interface_identifier(interface.mac)
        assigned = interface.assigned.get(address)
        valid: int | None = said.valid
        if assigned is None:
            if said.valid == 0 or len(interface.assigned) >= MAX_ADDRESSES:
                return
            self._owner.add_address(
                now, interface.name, address, 64, probe=self.probes.either(interface.name)
            )
            assigned = interface.assigned[address]
        elif assigned.valid_until is None:
            return  # it was given by hand
        else:
            left = max(assigned.valid_until - now, 0) // SECOND
            if said.valid <= TWO_HOURS and said.valid <= left:
                valid = min(left, TWO_HOURS)
        self._time(now, interface, assigned, valid or 0, said.preferred)

    def _time(
        self, now: int, interface: Interface, assigned: Assigned, valid: int, preferred: int
    ) -> None:
        # Without end is about 136 years: sooner than an integer overflows, later than any lab.
        assigned.valid_until = now + valid * SECOND
        assigned.preferred_until = now + preferred * SECOND
        if assigned.state is AddressState.DEPRECATED and preferred:
            assigned.state = AddressState.PREFERRED
        key = interface.name, assigned.address
        self._addresses.set(key, min(assigned.valid_until, assigned.preferred_until))

    def _age(self, now: int, interface: Interface, address: bytes) -> None:
        """5.5.4: first deprecated, then gone."""
        assigned = interface.assigned.get(address)
        if assigned is None or assigned.valid_until is None:
            return
        if assigned.valid_until <= now:
            self._owner.remove_address(now, interface.name, address)
            return
        if assigned.state is AddressState.PREFERRED:
            assigned.state = AddressState.DEPRECATED
            self._owner.address_changed(now, interface, assigned)
        self._addresses.set((interface.name, address), assigned.valid_until)
