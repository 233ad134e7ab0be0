"""Datagrams that a node on the way cut into fragments, and that arrived in these."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import replace

from netlab.analyse.headers import datagram_key, fragment_range, is_fragment
from netlab.analyse.model import Sighting, Transit
from netlab.analyse.sequence import Received

_Place = tuple[str, Hashable]


def reassembled(transits: Sequence[Transit]) -> tuple[Transit, ...]:
    """The same transits; one that was cut on its way ends with its last fragment's arrival.

    The fragments begin ways of their own, at the node that made them (RFC 791 section 3.2).
    """
    fragments: dict[_Place, list[Transit]] = defaultdict(list)
    for transit in transits:
        if transit.first.outbound and is_fragment(transit.first.packet):
            fragments[_place(transit.first)].append(transit)
    return tuple(
        _completed(transit, fragments[place])
        if transit.lost_after
        and not transit.hops[-1].outbound
        and (place := _place(transit.hops[-1])) in fragments
        else transit
        for transit in transits
    )


def _place(sighting: Sighting) -> _Place:
    return sighting.node, datagram_key(sighting.packet)


def _completed(whole: Transit, fragments: Sequence[Transit]) -> Transit:
    """Not lost: if anything of it is, its fragment is."""
    arrived = sorted(
        (one.received for one in fragments if one.received and one.t >= whole.t),
        key=lambda sighting: fragment_range(sighting.packet),
    )
    start, end = fragment_range(whole.first.packet)
    received = Received(start)
    for sighting in arrived:
        received.take(*fragment_range(sighting.packet))
    complete = bool(arrived) and received.next >= end
    if not complete:
        return replace(whole, lost_after=None)
    last = max(arrived, key=lambda sighting: sighting.t)
    return replace(whole, received=last, hops=(*whole.hops, last), lost_after=None)
