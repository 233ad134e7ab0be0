"""Packets that a link damaged: what arrived is another packet than what was sent.

A flipped bit makes a frame that nobody sent, and whose checksum is wrong. It is joined with the
frame that was lost on the same link and differs from it in one part only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import replace

from netlab.analyse.model import Sighting, Transit
from netlab.analyse.places import Places
from netlab.wire.packet import Packet

#: No link holds a frame back for longer, ns.
_WITHIN = 10_000_000_000


def with_damaged(transits: Sequence[Transit], places: Places) -> tuple[Transit, ...]:
    """The transits, those of damaged packets joined with what became of them."""
    strays = [each for each in transits if _is_stray(each)]
    if not strays:
        return tuple(transits)
    lost: defaultdict[Hashable, list[Transit]] = defaultdict(list)
    for each in transits:
        if each.lost_after is not None and each.hops[-1].outbound:
            lost[_way(each.hops[-1], places)].append(each)
    joined: dict[int, Transit] = {}
    for stray in strays:
        candidates = lost.get(_way(stray.first, places), [])
        original = next((each for each in candidates if _became(each, stray)), None)
        if original is not None:
            candidates.remove(original)
            joined[original.first.number] = _joined(original, stray)
            joined[stray.first.number] = stray
    return tuple(
        joined.get(each.first.number, each)
        for each in transits
        if joined.get(each.first.number) is not each
    )


def _is_stray(transit: Transit) -> bool:
    """Whether it came out of a link that nobody sent it into, and cannot be right."""
    first = transit.first
    return not first.outbound and bool(first.packet.problems)


def _way(sighting: Sighting, places: Places) -> Hashable:
    return places.link(sighting), sighting.packet.ethernet


def _became(original: Transit, stray: Transit) -> bool:
    last, arrived = original.hops[-1], stray.first
    return 0 <= arrived.t - last.t <= _WITHIN and _is_alike(last.packet, arrived.packet)


def _is_alike(whole: Packet, damaged: Packet) -> bool:
    """Whether they differ in no more than a header, or in the data."""
    if whole.length != damaged.length:
        return False
    if damaged.ip is None:  # its header cannot even be read
        return whole.ip is not None
    parts = (
        (whole.ip, damaged.ip),
        (_above(whole), _above(damaged)),
        (whole.payload, damaged.payload),
    )
    return sum(one != other for one, other in parts) <= 1


def _above(packet: Packet) -> object:
    return packet.tcp or packet.udp or packet.icmp or packet.icmpv6


def _joined(original: Transit, stray: Transit) -> Transit:
    last = stray.hops[-1]
    hops = (*original.hops, *stray.hops)
    return replace(original, hops=hops, lost_after=f"{last.node}:{last.interface}")
