"""Path MTU discovery as seen in ICMP (RFC 1191, RFC 8201)."""

from __future__ import annotations

from collections.abc import Iterable

from netlab.analyse.model import PathMtu, Transit
from netlab.wire.address import to_text


def path_mtus(transits: Iterable[Transit]) -> tuple[PathMtu, ...]:
    """Every next-hop MTU that a node was told, in time order."""
    found = [mtu for transit in transits if (mtu := _told(transit))]
    return tuple(sorted(found, key=lambda mtu: mtu.t))


def _told(transit: Transit) -> PathMtu | None:
    if transit.received is None:
        return None
    packet = transit.received.packet
    message = packet.icmp or packet.icmpv6
    if message is None or message.mtu is None or packet.ip is None:
        return None
    if packet.quoted is None or packet.quoted.ip is None:
        return None
    return PathMtu(
        t=transit.received.t,
        node=transit.received.node,
        destination=to_text(packet.quoted.ip.destination),
        reporter=to_text(packet.ip.source),
        mtu=message.mtu,
    )
