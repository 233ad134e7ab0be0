"""The internet layer of one host or router: frames in, frames out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import TypeAlias

from netlab.stack.deadlines import earliest
from netlab.stack.ip import addresses, extensions, options
from netlab.stack.ip.configuration import Configuration
from netlab.stack.ip.counters import Counted
from netlab.stack.ip.datagram import Buffer, Frame, Received, Segmentation
from netlab.stack.ip.events import (
    PathMtuChanged,
)
from netlab.stack.ip.forwarding import Forwarder
from netlab.stack.ip.icmp_layer import IcmpLayer
from netlab.stack.ip.interface import Interface
from netlab.stack.ip.reassembly import TIMEOUT_V4, TIMEOUT_V6, Reassembly
from netlab.stack.ip.receiving import take_ipv4, take_ipv6
from netlab.stack.ip.redirects import Redirects
from netlab.stack.ip.refused import Refused
from netlab.stack.ip.sending import Looped
from netlab.wire import arp, ethernet, icmp, icmpv6, igmp, ipv4, ipv6
from netlab.wire.errors import ParseError
from netlab.wire.icmp import Icmp
from netlab.wire.icmp_error import IcmpError
from netlab.wire.icmpv6 import Icmpv6
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import Ipv6

_NO_PROTOCOL_V4 = IcmpError(icmp.Type.DESTINATION_UNREACHABLE, icmp.Unreachable.PROTOCOL)

#: What a transport does with a datagram; it may raise Refused.
Handler: TypeAlias = Callable[[int, Received], None]


class Ip(Configuration):
    """What is configured, and the traffic. ``protocols`` are the transports, by their numbers."""

    def __init__(self, random: Random, *, is_router: bool = False) -> None:
        super().__init__(random, is_router=is_router)
        self.forwarder = Forwarder(self.sender, self.counters, self.filters)
        self.reassembly = {4: Reassembly(TIMEOUT_V4), 6: Reassembly(TIMEOUT_V6)}
        self.timeouts += [each.next_timeout for each in self.reassembly.values()]
        self.redirects = Redirects(self.sender, self.routes, self.counters, is_router=is_router)
        self.icmp = IcmpLayer(self.sender, self.counters)
        self.icmp.on_too_big = self._too_big
        self.icmp.messages |= {
            (4, icmp.Type.REDIRECT): self._redirected,
            (6, icmpv6.Type.REDIRECT): self._redirected,
            (6, icmpv6.Type.MULTICAST_LISTENER_QUERY): self.groups.receive_mld,
            (6, icmpv6.Type.ROUTER_SOLICITATION): self.routers.receive_solicitation,
            (6, icmpv6.Type.ROUTER_ADVERTISEMENT): self.routers.receive_advertisement,
            (6, icmpv6.Type.NEIGHBOR_SOLICITATION): self.nd.receive,
            (6, icmpv6.Type.NEIGHBOR_ADVERTISEMENT): self.nd.receive,
        }
        self.protocols: dict[int, Handler] = {igmp.PROTOCOL: self.groups.receive_igmp}
        #: Who looks at what comes in, by protocol; raw sockets.
        self.observers: dict[int, list[Callable[[Received], None]]] = {}
        #: Who looks at all datagrams that came to this host alone, whatever becomes of them.
        self.taps: list[Callable[[bytes], None]] = []

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
        return earliest(*[next_timeout() for next_timeout in self.timeouts])

    def handle_timeout(self, now: int) -> None:
        self.routes.handle_timeout(now)
        for destination in self.path_mtus.handle_timeout(now):
            self.events.append(PathMtuChanged(now, destination, None))
        for each in self.reassembly.values():
            for first in each.handle_timeout(now):
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
        if not is_looped and view[0] >> 4 == 4 and received.ip.source in self.sender.own:
            # Nobody else sends as we do. As Linux does, IPv6 has no such rule.
            self.counters[Counted.IN_ADDRESS_ERRORS] += 1
            return
        if segmentation is not None:
            received = replace(received, segmentation=segmentation)
        if self.taps and not is_for_many:
            for tap in self.taps:
                tap(bytes(received.datagram))
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

    def _is_for_us(self, received: Received) -> bool:
        destination, interface = received.ip.destination, received.interface
        if destination in self.sender.own:
            return True
        if destination in interface.groups or destination in interface.broadcasts:
            return True
        return addresses.is_loopback(destination)

    def _deliver(self, now: int, received: Received) -> None:
        ip = received.ip
        if not ip.is_fragment:
            self._let_in(now, received)
            return
        if ip.version == 6 and self.filters.input:
            self.filters.check_in(now, self.filters.input, received)
        whole = self.reassembly[ip.version].add(now, received)
        if whole is not None:
            self.counters[Counted.REASSEMBLED] += 1
            self._take(now, whole, self._let_in if ip.version == 4 else self._hand_up)

    def _let_in(self, now: int, received: Received) -> None:
        if self.filters.input:
            self.filters.check_in(now, self.filters.input, received)
        self._hand_up(now, received)

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

    def _redirected(
        self, now: int, received: Received, message: Icmp | Icmpv6, quote: bytes
    ) -> None:
        take = self.redirects.receive_v4 if received.ip.version == 4 else self.redirects.receive_v6
        changed = take(now, received, message, quote)
        if changed is not None:
            self.events.append(changed)

    def _too_big(self, now: int, destination: bytes, mtu: int, size: int) -> None:
        try:
            current = self.sender.mtu(destination)
        except OSError:
            return
        found = self.path_mtus.too_big(now, destination, mtu, size, current)
        if found is not None:
            self.events.append(PathMtuChanged(now, destination, found))


def _no_protocol(received: Received) -> IcmpError:
    """RFC 1122, 3.2.2.1, and RFC 8200, section 4: where the next header's number stands."""
    if isinstance(received.ip, Ipv4):
        return _NO_PROTOCOL_V4
    chain = received.ip.extensions
    pointer = received.ip.header_length - len(chain[-1].body) - 2 if chain else 6
    return IcmpError(icmpv6.Type.PARAMETER_PROBLEM, 1, pointer)
