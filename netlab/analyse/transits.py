"""Joins the sightings of one packet at several interfaces into its way through the lab.

A packet is known again by what no hop may change: addresses, protocol, IPv4 identification,
fragment offset and the bytes above IP. On one link also its hop limit and Ethernet addresses stay,
and in a router the hop limit falls by one (RFC 1812 section 5.3.1). Packets that are equal in all
of this, such as pure duplicate ACKs, are told apart by their order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from itertools import chain

from netlab.analyse.headers import hop_limit, identity
from netlab.analyse.model import Sighting, Transit
from netlab.analyse.places import Places
from netlab.analyse.reassembly import reassembled

_Groups = dict[Hashable, list[Sighting]]


def transits(sightings: Sequence[Sighting], places: Places) -> tuple[Transit, ...]:
    """Every packet of the run in time order; ``sightings`` are in time order too."""
    before: dict[int, Sighting] = {}
    after: dict[int, list[Sighting]] = defaultdict(list)
    known = _Known()
    for earlier, later in chain(
        _over_links(sightings, known, places), _through_nodes(sightings, known, places)
    ):
        before[later.number] = earlier
        after[earlier.number].append(later)
    return reassembled(
        [
            _transit(_spread(sighting, after), places)
            for sighting in sightings
            if sighting.number not in before
        ]
    )


class _Known:
    """Numbers for packets and frames; equal ones have the same.

    Each is asked for once a packet: sightings of one frame share theirs, and keep it alive.
    """

    def __init__(self) -> None:
        self._packets: dict[Hashable, int] = {}
        self._frames: dict[Hashable, int] = {}
        self._asked: dict[int, tuple[int, int]] = {}

    def packet(self, sighting: Sighting) -> int:
        """What no hop changes."""
        return self._numbers(sighting)[0]

    def frame(self, sighting: Sighting) -> int:
        """What stays on one link."""
        return self._numbers(sighting)[1]

    def _numbers(self, sighting: Sighting) -> tuple[int, int]:
        packet = sighting.packet
        numbers = self._asked.get(id(packet))
        if numbers is None:
            number = self._packets.setdefault(identity(packet), len(self._packets))
            way = (number, hop_limit(packet), packet.ethernet)
            numbers = number, self._frames.setdefault(way, len(self._frames))
            self._asked[id(packet)] = numbers
        return numbers


def _over_links(
    sightings: Sequence[Sighting], known: _Known, places: Places
) -> Iterator[tuple[Sighting, Sighting]]:
    """What left one end of a link and what came out at each of its others."""
    sent: _Groups = defaultdict(list)
    came: dict[Hashable, _Groups] = defaultdict(lambda: defaultdict(list))
    for sighting in sightings:
        key = (places.link(sighting), known.frame(sighting))
        if sighting.outbound:
            sent[key].append(sighting)
        else:
            came[key][sighting.node, sighting.interface].append(sighting)
    for frame, receivers in came.items():
        for arrived in receivers.values():
            yield from _in_order(sent.get(frame, []), arrived)


def _through_nodes(
    sightings: Sequence[Sighting], known: _Known, places: Places
) -> Iterator[tuple[Sighting, Sighting]]:
    """What came into a node and what left it again with a hop limit one lower."""
    came: _Groups = defaultdict(list)
    left: dict[Hashable, _Groups] = defaultdict(lambda: defaultdict(list))
    for sighting in sightings:
        limit = hop_limit(sighting.packet)
        if limit is None:
            continue
        if sighting.outbound:
            left[sighting.node, known.packet(sighting), limit + 1][sighting.interface].append(
                sighting
            )
        elif places.takes_frame(sighting):
            came[sighting.node, known.packet(sighting), limit].append(sighting)
    for packet, interfaces in left.items():
        for leaving in interfaces.values():
            yield from _in_order(came.get(packet, []), leaving)


def _in_order(
    earlier: Sequence[Sighting], later: Sequence[Sighting]
) -> Iterator[tuple[Sighting, Sighting]]:
    """Pairs equal packets, none overtaking another, and as many of them as time allows.

    Where some were lost on the way, each that arrived is taken for the latest that fits: a
    retransmission that arrives is then not taken for the lost original. Where copies were made on
    the way, the first to arrive is the original.
    """
    if len(later) < len(earlier):
        waiting = list(earlier)
        for arrival in reversed(later):
            while waiting and waiting[-1].t > arrival.t:
                waiting.pop()
            if waiting:
                yield waiting.pop(), arrival
        return
    arrivals = iter(later)
    for departure in earlier:
        fitting = next((one for one in arrivals if one.t >= departure.t), None)
        if fitting:
            yield departure, fitting


def _spread(first: Sighting, after: dict[int, list[Sighting]]) -> tuple[Sighting, ...]:
    reached = [first]
    for sighting in reached:
        reached.extend(after.get(sighting.number, ()))
    return tuple(sorted(reached, key=lambda sighting: sighting.t))


def _transit(hops: tuple[Sighting, ...], places: Places) -> Transit:
    first, last = hops[0], hops[-1]
    received = next(
        (hop for hop in hops if places.takes_packet(hop) and not hop.packet.damaged), None
    )
    lost = received is None and places.goes_to_captured(last)
    return Transit(
        sent=first if first.outbound and _is_source(first, places) else None,
        received=received,
        hops=hops,
        lost_after=f"{last.node}:{last.interface}" if lost else None,
    )


def _is_source(first: Sighting, places: Places) -> bool:
    """A node that sends from an address of nobody made it up; another node's it only passes on."""
    if first.packet.ip is None:
        return True
    return places.owner(first.packet.ip.source) in {first.node, None}
