"""Redirects: a router names a better first hop (RFC 1122, 3.2.2.2; RFC 4861, section 8)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from netlab.stack.ip import addresses
from netlab.stack.ip.counters import Counted
from netlab.stack.ip.datagram import Received
from netlab.stack.ip.events import RouteChanged
from netlab.stack.ip.icmp_errors import RateLimits
from netlab.stack.ip.nd import HOP_LIMIT, is_valid, option
from netlab.stack.ip.routes import Routes
from netlab.stack.ip.sending import Sender, Way
from netlab.stack.ip.switch import Switch
from netlab.wire import icmp, icmpv6
from netlab.wire.icmp import Icmp
from netlab.wire.icmp_error import IcmpError
from netlab.wire.icmpv6 import Icmpv6, NdOption, NdOptionType
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import Ipv6
from netlab.wire.packet import decode_ip

#: A redirect of IPv6 fits the minimum MTU (RFC 4861, 8.2): headers, target, destination, options.
_QUOTED_V6 = (1280 - 40 - 40 - 8 - 8) // 8 * 8


class Redirects:
    """Of a host that follows them, or of a router that sends them.

    ``accepted`` and ``sent`` are by the version of IP.
    """

    def __init__(
        self, sender: Sender, routes: Routes, counters: Counter[Counted], *, is_router: bool
    ) -> None:
        self._is_router = is_router
        self._sender = sender
        self._routes = routes
        self._counters = counters
        self._limits = RateLimits(counters)
        self.accepted = {
            version: Switch(everywhere=not is_router, each=not is_router) for version in (4, 6)
        }
        self.sent = {version: Switch(everywhere=True, each=True) for version in (4, 6)}

    def receive_v4(
        self, now: int, received: Received, message: Icmp | Icmpv6, quote: bytes
    ) -> RouteChanged | None:
        """RFC 1122, 3.2.2.2: to a router on the same network, from the present first hop."""
        assert isinstance(message, Icmp)
        quoted, gateway = decode_ip(quote, quoted=True).ip, message.gateway
        if not isinstance(quoted, Ipv4) or gateway is None or message.code > 3:
            return None
        if not self._sender.is_own(quoted.source):
            return None
        return self._follow(now, received, quoted.destination, gateway)

    def receive_v6(
        self, now: int, received: Received, message: Icmp | Icmpv6, _: bytes
    ) -> RouteChanged | None:
        """RFC 4861, 8.1 and 8.3. A target that is the destination itself is a neighbour."""
        assert isinstance(message, Icmpv6)
        target, destination = message.target, message.redirected
        if target is None or destination is None or not is_valid(received, message):
            return None
        if not addresses.is_link_local(received.ip.source) or addresses.is_multicast(destination):
            return None
        if target != destination and not addresses.is_link_local(target):
            return None
        changed = self._follow(now, received, destination, target)
        mac = option(message, NdOptionType.TARGET_LINK_LAYER_ADDRESS)
        if changed is not None and mac is not None:
            received.interface.neighbours.heard(now, target, mac)
        return changed

    def send(self, now: int, received: Received, way: Way) -> None:
        """Tell a source whose datagram leaves by where it came that it can do without us.

        RFC 1812, 5.2.7.2: if it is on that network itself.
        """
        interface, ip = way.interface, received.ip
        if interface is not received.interface or not self.sent[ip.version].either(interface.name):
            return
        if interface.on_link(ip.source) is None or addresses.is_multicast(ip.destination):
            return
        if isinstance(ip, Ipv6):
            self._send_v6(now, received, way)
        elif ip.options == b"":
            self._send_v4(now, received, way)

    def _follow(
        self, now: int, received: Received, destination: bytes, gateway: bytes
    ) -> RouteChanged | None:
        interface = received.interface
        if not self._accepts(received) or not self._may_follow(received, destination, gateway):
            self._counters[Counted.ICMP_IN_ERRORS] += 1
            return None
        self._routes.redirect(now, destination, gateway, interface.name)
        by = None if gateway == destination else gateway
        return RouteChanged(now, interface.name, destination, 8 * len(destination), by)

    def _accepts(self, received: Received) -> bool:
        """As Linux does, which takes none of IPv6 in a router, and asks no ``conf.all`` of it."""
        version, name = received.ip.version, received.interface.name
        accepted = self.accepted[version]
        if version == 6:
            return accepted.at(name) and not self._is_router
        return accepted.both(name) if self._is_router else accepted.either(name)

    def _may_follow(self, received: Received, destination: bytes, gateway: bytes) -> bool:
        interface = received.interface
        try:
            way = self._sender.way(destination)
        except OSError:
            return False
        is_first_hop = way.next_hop == received.ip.source and way.interface is interface
        is_reachable = gateway == destination or interface.on_link(gateway) is not None
        return is_first_hop and is_reachable and not self._sender.is_own(gateway)

    def _send_v4(self, now: int, received: Received, way: Way) -> None:
        ip = received.ip
        gateway = int.from_bytes(way.next_hop, "big")
        error = IcmpError(icmp.Type.REDIRECT, 1, gateway)  # for this host (RFC 1812, 4.3.3.2)
        if not self._limits.allow(now, ip.source, error):
            return
        own = way.interface.on_link(ip.source)
        assert own is not None
        message = error.about(_passed_on(received), own.address, ip.source)
        self._transmit(now, Ipv4(own.address, ip.source, icmp.PROTOCOL, dscp=48), message, way)

    def _send_v6(self, now: int, received: Received, way: Way) -> None:
        """Routers are known by link-local addresses alone (RFC 4861, 8.2)."""
        ip, interface = received.ip, way.interface
        target, own = way.next_hop, interface.link_local
        if own is None or not (target == ip.destination or addresses.is_link_local(target)):
            return
        if not self._limits.allow(now, ip.source, IcmpError(icmpv6.Type.REDIRECT, 0)):
            return
        neighbour = interface.neighbours.get(target)
        options = b""
        if neighbour is not None and neighbour.mac:
            mac = NdOption(NdOptionType.TARGET_LINK_LAYER_ADDRESS, neighbour.mac)
            options = mac.emit()
        quote = bytes(6) + bytes(received.datagram[: _QUOTED_V6 - 8])
        options += NdOption(NdOptionType.REDIRECTED_HEADER, quote).emit()
        body = target + ip.destination + options
        message = Icmpv6(icmpv6.Type.REDIRECT, 0, bytes(4), body).emit(b"", own, ip.source)
        self._transmit(now, Ipv6(own, ip.source, icmpv6.PROTOCOL, HOP_LIMIT), message, way)

    def _transmit(self, now: int, ip: Ipv4 | Ipv6, message: bytes, way: Way) -> None:
        self._counters[Counted.ICMP_OUT] += 1
        try:
            self._sender.send(now, ip, message, interface=way.interface.name)
        except OSError:
            return


def _passed_on(received: Received) -> bytes:
    """The datagram as it left, one from its TTL: that is what Linux quotes."""
    assert isinstance(received.ip, Ipv4)
    return replace(received.ip, ttl=received.ip.ttl - 1).emit(bytes(received.payload))
