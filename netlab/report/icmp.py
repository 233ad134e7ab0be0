"""ICMP errors as the report names them."""

from __future__ import annotations

from dataclasses import dataclass

from netlab.analyse.model import Connection, Transit
from netlab.wire import address, icmp, icmpv6
from netlab.wire.icmp import Icmp
from netlab.wire.icmpv6 import Icmpv6
from netlab.wire.packet import Packet

#: What codes say beyond their type's name (RFC 792, RFC 4443 sections 3.1 and 3.3).
_NAMES: dict[tuple[type, int, int], str] = {
    (Icmp, icmp.Type.TIME_EXCEEDED, 1): "reassembly time exceeded",
    (Icmpv6, icmpv6.Type.TIME_EXCEEDED, 1): "reassembly time exceeded",
    **{
        (Icmpv6, icmpv6.Type.DESTINATION_UNREACHABLE, code): name
        for code, name in {
            icmpv6.Unreachable.NO_ROUTE: "no route to destination",
            icmpv6.Unreachable.PROHIBITED: "communication prohibited",
            icmpv6.Unreachable.BEYOND_SCOPE: "beyond scope of source",
            icmpv6.Unreachable.ADDRESS: "address unreachable",
            icmpv6.Unreachable.PORT: "port unreachable",
            icmpv6.Unreachable.POLICY: "source address failed policy",
            icmpv6.Unreachable.REJECT_ROUTE: "reject route",
        }.items()
    },
}


@dataclass(frozen=True, slots=True)
class Error:
    """``reporter`` is the node that sent it, or its address when that was not captured."""

    label: str
    reporter: str
    to_client: bool
    lost: bool


def message(packet: Packet) -> Icmp | Icmpv6 | None:
    return packet.icmp or packet.icmpv6


def error(transit: Transit, connection: Connection) -> Error:
    """An error about ``connection`` as its ladder draws it."""
    ip = transit.first.packet.ip
    destination = address.to_text(ip.destination) if ip else ""
    return Error(
        label=label(transit.first.packet),
        reporter=reporter(transit),
        to_client=destination != connection.server.endpoint.address,
        lost=transit.received is None and transit.lost_after is not None,
    )


def reporter(transit: Transit) -> str:
    if transit.sent:
        return transit.sent.node
    ip = transit.first.packet.ip
    return address.to_text(ip.source) if ip else transit.first.node


def label(packet: Packet) -> str:
    """Such as ``ICMP fragmentation needed, MTU 1400``."""
    told = message(packet)
    if told is None:
        return "no ICMP"
    family = "ICMP" if isinstance(told, Icmp) else "ICMPv6"
    mtu = f", MTU {told.mtu}" if told.mtu is not None else ""
    return f"{family} {_name(told)}{mtu}"


def _name(told: Icmp | Icmpv6) -> str:
    known = _NAMES.get((type(told), told.type, told.code))
    if known is not None:
        return known
    if isinstance(told, Icmp) and told.type == icmp.Type.DESTINATION_UNREACHABLE:
        codes = {code.value: code.name.lower().replace("_", " ") for code in icmp.Unreachable}
        name = codes.get(told.code, f"code {told.code}")
        return name if told.mtu is not None else f"{name} unreachable"
    return told.name if told.code == 0 else f"{told.name}, code {told.code}"


def is_error(packet: Packet) -> bool:
    told = message(packet)
    return told is not None and told.is_error
