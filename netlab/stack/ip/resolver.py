"""How neighbours are asked for, and what becomes of packets that wait for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlab.stack.ip.datagram import Outbound
from netlab.stack.ip.events import NeighbourChanged
from netlab.stack.ip.neighbours import Neighbour
from netlab.wire import icmp, icmpv6
from netlab.wire.icmp_error import IcmpError

if TYPE_CHECKING:
    from netlab.stack.ip.configuration import Configuration
    from netlab.stack.ip.interface import Interface

_HOST_UNREACHABLE_V4 = IcmpError(icmp.Type.DESTINATION_UNREACHABLE, icmp.Unreachable.HOST)
_HOST_UNREACHABLE_V6 = IcmpError(icmpv6.Type.DESTINATION_UNREACHABLE, icmpv6.Unreachable.ADDRESS)


class Resolver:
    """What the neighbour table of an interface wants done."""

    def __init__(self, ip: Configuration, name: str) -> None:
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
        self._ip.errors.send(now, error, outbound.joined())

    def changed(self, now: int, neighbour: Neighbour) -> None:
        event = NeighbourChanged(
            now, self._name, neighbour.address, neighbour.state.value, neighbour.mac
        )
        self._ip.events.append(event)
