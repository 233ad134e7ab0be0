"""The address resolution protocol (RFC 826), and what RFC 5227 adds to it."""

from __future__ import annotations

from collections import Counter

from netlab.stack.ip import addresses
from netlab.stack.ip.counters import Counted
from netlab.stack.ip.datagram import Buffer
from netlab.stack.ip.interface import Interface
from netlab.stack.ip.neighbours import Neighbour
from netlab.stack.ip.probing import Probing
from netlab.stack.ip.sending import Sender
from netlab.wire import arp
from netlab.wire.arp import Arp as Packet
from netlab.wire.arp import Operation
from netlab.wire.errors import ParseError
from netlab.wire.ethernet import BROADCAST, Ethernet

_NOBODY = bytes(6)


class Arp:
    def __init__(self, sender: Sender, probing: Probing, counters: Counter[Counted]) -> None:
        self._sender = sender
        self._probing = probing
        self._counters = counters

    def receive(
        self, now: int, interface: Interface, frame: Buffer, offset: int, source: bytes
    ) -> None:
        """A packet in a frame from ``source``, which must say the same of its sender.

        ARP has no checksum: without this a damaged reply would be believed for half a minute.
        """
        try:
            packet, _ = arp.parse(frame, offset)
        except ParseError:
            self._counters[Counted.ARP_IN_ERRORS] += 1
            return
        sender, mac = packet.sender_protocol_address, packet.sender_hardware_address
        if mac == interface.mac or mac[0] & 1 or addresses.is_multicast(sender):
            return
        if mac != source:
            self._counters[Counted.ARP_IN_ERRORS] += 1
            return
        if self._conflicts(now, interface, packet):
            return
        # Every address of the host is answered for, as Linux' arp_ignore 0 has it.
        is_asked = packet.target_protocol_address in self._sender.own
        if packet.operation == Operation.REPLY:
            self._take_reply(now, interface, packet)
        elif packet.operation == Operation.REQUEST:
            if any(sender):  # nobody is at 0.0.0.0: it is a probe
                interface.neighbours.heard(now, sender, mac, create=is_asked)
            if is_asked:
                self._answer(interface, packet)

    def ask(self, interface: Interface, neighbour: Neighbour) -> None:
        """Everybody, or, where it was before, it alone (RFC 1122, 2.3.2.1 (2))."""
        own = interface.on_link(neighbour.address) or next(iter(interface.usable(4)), None)
        if own is not None:
            self._request(interface, own.address, neighbour.address, neighbour.mac or BROADCAST)

    def probe(self, interface: Interface, address: bytes) -> None:
        """Whether somebody has an address that is to be ours (RFC 5227, 2.1.1)."""
        self._request(interface, addresses.ANY_V4, address, BROADCAST)

    def announce(self, interface: Interface, address: bytes) -> None:
        """That an address is ours (RFC 5227, 2.3)."""
        self._request(interface, address, address, BROADCAST)

    def _conflicts(self, now: int, interface: Interface, packet: Packet) -> bool:
        """RFC 5227, 2.1.1 and 2.4: somebody uses an address of ours, or probes for it, too."""
        sender, target = packet.sender_protocol_address, packet.target_protocol_address
        mac = packet.sender_hardware_address
        if sender in interface.assigned:
            self._probing.conflict(now, interface, sender, mac)
            return True
        if not any(sender) and packet.operation == Operation.REQUEST:
            return self._probing.rival(now, interface, target, mac)
        return False

    def _take_reply(self, now: int, interface: Interface, packet: Packet) -> None:
        """To a reply that was sent to us we give more credit than to one that all got."""
        interface.neighbours.advertised(
            now,
            packet.sender_protocol_address,
            packet.sender_hardware_address,
            is_solicited=packet.target_hardware_address == interface.mac,
            overrides=True,
        )

    def _answer(self, interface: Interface, request: Packet) -> None:
        asker = request.sender_hardware_address
        reply = Packet(
            Operation.REPLY,
            interface.mac,
            request.target_protocol_address,
            asker,
            request.sender_protocol_address,
        )
        self._transmit(interface, asker, reply)

    def _request(self, interface: Interface, own: bytes, target: bytes, to: bytes) -> None:
        request = Packet(Operation.REQUEST, interface.mac, own, _NOBODY, target)
        self._transmit(interface, to, request)

    @staticmethod
    def _transmit(interface: Interface, destination: bytes, packet: Packet) -> None:
        if interface.is_up:
            ethernet = Ethernet(destination, interface.mac, arp.ETHERTYPE)
            interface.transmit_frame(ethernet.emit(packet.emit()), limit=None)
