"""Where the lab's addresses live, by their bytes on the wire."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Interface

from netlab.analyse.model import Endpoint, Sighting
from netlab.topology.plan import End, Plan
from netlab.wire.address import to_text


class Places:
    """A plan's nodes, links and addresses, asked for by packets."""

    def __init__(self, plan: Plan, captured: Iterable[tuple[str, str]] = ()) -> None:
        self._captured = set(captured)
        self._links = {end: link for link in plan.links for end in link.ends}
        self._link_names = {
            (end.node, end.interface): link.name for end, link in self._links.items()
        }
        self._routers = {node.name for node in plan.nodes if node.forwards}
        self._macs: dict[End, bytes] = {}
        self._owners: dict[bytes, str] = {}
        self._broadcasts = {b"\xff\xff\xff\xff"}
        for node in plan.nodes:
            for interface in node.interfaces:
                end = End(node.name, interface.name)
                self._macs[end] = bytes.fromhex(interface.mac.replace(":", ""))
                for address in interface.addresses:
                    self._owners[address.packed] = node.name
                    if isinstance(address, IPv4Interface):
                        self._broadcasts.add(address.network.broadcast_address.packed)
        self._own = {(end.node, end.interface): mac for end, mac in self._macs.items()}
        self._broadcasts -= self._owners.keys()

    def owner(self, address: bytes) -> str | None:
        """The node that has ``address``."""
        return self._owners.get(address)

    def endpoint(self, address: bytes, port: int) -> Endpoint:
        return Endpoint(self.owner(address), to_text(address), port)

    def link(self, sighting: Sighting) -> str:
        """The link of a sighting; an interface the plan does not know is a link of its own."""
        name = self._link_names.get((sighting.node, sighting.interface))
        return name or f"{sighting.node}:{sighting.interface}"

    def is_captured(self, node: str) -> bool:
        return any(captured == node for captured, _ in self._captured)

    def goes_to_captured(self, sighting: Sighting) -> bool:
        """Whether a capture would have seen ``sighting`` again if it had not been lost."""
        here = End(sighting.node, sighting.interface)
        if not sighting.outbound:
            return all(
                (e.node, e.interface) in self._captured for e in self._macs if e.node == here.node
            )
        link = self._links.get(here)
        others = [end for end in link.ends if end != here] if link else []
        ethernet = sighting.packet.ethernet
        named = [end for end in others if ethernet and self._macs[end] == ethernet.destination]
        return all((end.node, end.interface) in self._captured for end in named or others)

    def takes_frame(self, sighting: Sighting) -> bool:
        """Whether a frame is meant for the interface that saw it, not only overheard there."""
        ethernet = sighting.packet.ethernet
        mac = self._own.get((sighting.node, sighting.interface))
        if ethernet is None or mac is None:
            return True
        return bool(ethernet.destination[0] & 1) or ethernet.destination == mac

    def takes_packet(self, sighting: Sighting) -> bool:
        """Whether an inbound sighting is a packet's arrival at one of its destinations."""
        if sighting.outbound or not self.takes_frame(sighting):
            return False
        packet = sighting.packet
        if packet.ip is None:
            return True
        destination = packet.ip.destination
        owner = self.owner(destination)
        if owner is not None:
            return owner == sighting.node
        if self.is_group(destination) or _is_link_local(destination):
            return True
        return sighting.node not in self._routers

    def is_group(self, address: bytes) -> bool:
        """Whether more than one node may own ``address``: broadcast or multicast."""
        multicast = address[0] == 0xFF if len(address) == 16 else address[0] >> 4 == 0xE
        return multicast or address in self._broadcasts


def _is_link_local(address: bytes) -> bool:
    """RFC 3927 and RFC 4291 section 2.5.6: addresses that no router passes on."""
    if len(address) == 4:
        return address.startswith(b"\xa9\xfe")
    return address[0] == 0xFE and address[1] & 0xC0 == 0x80
