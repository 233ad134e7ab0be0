"""Neighbours of IPv6 (RFC 4861, 7.2), and their questions about addresses (RFC 4862, 5.4)."""

from __future__ import annotations

from collections import Counter

from netlab.stack.ip import addresses
from netlab.stack.ip.counters import Counted
from netlab.stack.ip.datagram import Outbound, Received
from netlab.stack.ip.interface import Assigned, Interface
from netlab.stack.ip.neighbours import Neighbour
from netlab.stack.ip.probing import Probing
from netlab.stack.ip.sending import Sender
from netlab.wire import icmpv6
from netlab.wire.icmp import Icmp
from netlab.wire.icmpv6 import Icmpv6, NdOption, NdOptionType, Type
from netlab.wire.ipv6 import Ipv6

#: What proves that no router was passed (RFC 4861, 6.1 and 7.1).
HOP_LIMIT = 255

_ROUTER, _SOLICITED, _OVERRIDE = 0x80, 0x40, 0x20


class NeighbourDiscovery:
    def __init__(self, sender: Sender, probing: Probing, counters: Counter[Counted]) -> None:
        self._sender = sender
        self._probing = probing
        self._counters = counters
        self.is_router = False

    def receive(self, now: int, received: Received, message: Icmp | Icmpv6, _: bytes) -> None:
        """A solicitation or an advertisement; one that is not valid is ignored (7.1)."""
        assert isinstance(message, Icmpv6)
        if not is_valid(received, message) or not _is_sound(received, message):
            self._counters[Counted.ND_IN_ERRORS] += 1
        elif message.type == Type.NEIGHBOR_SOLICITATION:
            self._solicited(now, received, message)
        else:
            self._advertised(now, received.interface, message)

    def ask(self, interface: Interface, neighbour: Neighbour) -> None:
        """Its solicited-node group, or, where it was before, it alone."""
        own = self._own_address(interface, neighbour.address)
        if own is None:
            return
        option = NdOption(NdOptionType.SOURCE_LINK_LAYER_ADDRESS, interface.mac)
        target = neighbour.address
        to = target if neighbour.mac else addresses.solicited_node(target)
        message = Icmpv6(Type.NEIGHBOR_SOLICITATION, 0, bytes(4), target + option.emit())
        transmit(interface, own, to, message, neighbour.mac or addresses.multicast_mac(to))

    def probe(self, interface: Interface, address: bytes) -> None:
        """Without a source, for the address is not ours yet (RFC 4862, 5.4.2)."""
        to = addresses.solicited_node(address)
        message = Icmpv6(Type.NEIGHBOR_SOLICITATION, 0, bytes(4), address)
        transmit(interface, addresses.ANY_V6, to, message, addresses.multicast_mac(to))

    def announce(self, interface: Interface, address: bytes) -> None:
        """To all nodes (RFC 4861, 7.2.6)."""
        message = self._advertisement(interface, address, is_solicited=False)
        to = addresses.ALL_NODES
        transmit(interface, address, to, message, addresses.multicast_mac(to))

    def _solicited(self, now: int, received: Received, message: Icmpv6) -> None:
        interface, source = received.interface, received.ip.source
        target = message.target or b""
        assigned = interface.assigned.get(target)
        if assigned is None:
            return
        if not assigned.is_usable:
            if not any(source):
                self._probing.rival(now, interface, target, b"")
            return
        if not any(source):
            self.announce(interface, target)
            return
        mac = option(message, NdOptionType.SOURCE_LINK_LAYER_ADDRESS)
        if mac is not None:
            interface.neighbours.heard(now, source, mac)
        reply = self._advertisement(interface, target, is_solicited=True)
        ip = Ipv6(target, source, icmpv6.PROTOCOL, HOP_LIMIT)
        body = reply.emit(b"", target, source)
        datagram = ip.emit(body)
        if interface.filters.output and not interface.filters.lets_out(datagram):
            return
        try:
            self._sender.pass_on(now, interface, source, Outbound(datagram))
        except OSError:
            return  # it asks again

    def _advertised(self, now: int, interface: Interface, message: Icmpv6) -> None:
        target, flags = message.target or b"", message.rest[0]
        mac = option(message, NdOptionType.TARGET_LINK_LAYER_ADDRESS)
        if target in interface.assigned:
            if mac != interface.mac:
                self._probing.conflict(now, interface, target, mac or b"")
            return
        interface.neighbours.advertised(
            now,
            target,
            mac,
            is_solicited=bool(flags & _SOLICITED),
            overrides=bool(flags & _OVERRIDE),
            is_router=bool(flags & _ROUTER),
        )

    def _advertisement(self, interface: Interface, target: bytes, *, is_solicited: bool) -> Icmpv6:
        flags = (_ROUTER if self.is_router else 0) | _OVERRIDE
        flags |= _SOLICITED if is_solicited else 0
        mac = NdOption(NdOptionType.TARGET_LINK_LAYER_ADDRESS, interface.mac)
        rest = bytes((flags, 0, 0, 0))
        return Icmpv6(Type.NEIGHBOR_ADVERTISEMENT, 0, rest, target + mac.emit())

    @staticmethod
    def _own_address(interface: Interface, target: bytes) -> bytes | None:
        own = interface.usable(16)
        nearest = interface.on_link(target) or max(own, key=_is_link_local, default=None)
        return nearest.address if nearest else None


def transmit(
    interface: Interface, source: bytes, destination: bytes, message: Icmpv6, mac: bytes
) -> None:
    """Send a message of neighbour discovery to an address whose link-layer address is known."""
    if interface.is_up:
        ip = Ipv6(source, destination, icmpv6.PROTOCOL, HOP_LIMIT)
        body = message.emit(b"", source, destination)
        interface.announce(mac, ip.emit(body))


def is_valid(received: Received, message: Icmpv6) -> bool:
    """What all messages of neighbour discovery have in common: RFC 4861, 6.1, 7.1 and 8.1."""
    ip = received.ip
    assert isinstance(ip, Ipv6)
    return ip.hop_limit == HOP_LIMIT and message.code == 0 and message.has_sound_options


def option(message: Icmpv6, kind: NdOptionType) -> bytes | None:
    """The link-layer address in the first option of a kind."""
    return next((o.data[:6] for o in message.options if o.type == kind), None)


def _is_sound(received: Received, message: Icmpv6) -> bool:
    """RFC 4861, 7.1.1 and 7.1.2."""
    target, ip = message.target, received.ip
    if target is None or addresses.is_multicast(target):
        return False
    if message.type == Type.NEIGHBOR_ADVERTISEMENT:
        is_solicited = bool(message.rest[0] & _SOLICITED)
        return not (addresses.is_multicast(ip.destination) and is_solicited)
    if any(ip.source):
        return True
    to_group = ip.destination == addresses.solicited_node(target)
    return to_group and option(message, NdOptionType.SOURCE_LINK_LAYER_ADDRESS) is None


def _is_link_local(assigned: Assigned) -> bool:
    return addresses.is_link_local(assigned.address)
