"""What impaired links did to packets, found again among what the captures saw.

The emulator tells of each packet by the digest of its frame. nftables only counts; but its drops
are exact, so asking the same of the packets that left the sender tells which they were.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from netlab.analyse.model import ImpairedCount, Met, Sighting, Transit
from netlab.collect.events import Event
from netlab.topology.impairment import Fault, stretch_name
from netlab.topology.plan import Link, Plan
from netlab.wire.digest import digest
from netlab.wire.fields import Subject
from netlab.wire.filter import Filter
from netlab.wire.pcapng import Block, Frame

#: Link, end of the stretch, and whether it is forward.
_Way = tuple[str, str | None, bool]


def with_impairments(
    transits: Sequence[Transit],
    plan: Plan,
    events: Sequence[Event],
    sightings: Sequence[Sighting],
    blocks: Iterable[Block | Sighting],
) -> tuple[Transit, ...]:
    """The transits, each with what it met on impaired links."""
    links = [link for link in plan.links if link.impairments]
    if not links:
        return tuple(transits)
    found: defaultdict[int, list[Met]] = defaultdict(list)
    ways = _Ways(links, sightings)
    frames = _frames(blocks)
    for number, met in (*_told(events, ways, frames), *_replayed(events, links, ways)):
        found[number].append(met)
    for number, met in list(_copies(transits, found, frames)):
        found[number].append(met)
    for number, met in _crowded_out(transits, found, counts(events), ways):
        found[number].append(met)
    return tuple(_with(transit, found) for transit in transits)


def counts(events: Iterable[Event]) -> tuple[ImpairedCount, ...]:
    """What became of the packets of each direction."""
    return tuple(
        ImpairedCount(
            stretch=event.data["stretch"],
            engine=event.data["engine"],
            forward=event.data["way"] == "forward",
            packets={key: value for key, value in event.data.items() if key not in _NO_COUNTS},
        )
        for event in events
        if event.kind == "impaired"
    )


_NO_COUNTS = frozenset({"stretch", "link", "engine", "way"})


class _Ways:
    """The frames that were sent into each direction of each stretch."""

    def __init__(self, links: Iterable[Link], sightings: Iterable[Sighting]) -> None:
        self._sent: defaultdict[_Way, list[Sighting]] = defaultdict(list)
        self.stretches = {
            stretch_name(link.name, each.end): (link, each)
            for link in links
            for each in link.impairments
        }
        places: defaultdict[str, list[_Way]] = defaultdict(list)
        for link, each in self.stretches.values():
            for number, end in enumerate(map(str, link.ends)):
                forward = end == each.end if each.end else number == 0
                places[end].append((link.name, each.end, forward))
        for sighting in sightings:
            if sighting.outbound:
                for way in places.get(f"{sighting.node}:{sighting.interface}", ()):
                    self._sent[way].append(sighting)

    def sent(self, stretch: str, *, forward: bool) -> list[Sighting]:
        link, impairment = self.stretches[stretch]
        return self._sent[link.name, impairment.end, forward]


def _frames(blocks: Iterable[Block | Sighting]) -> dict[int, bytes]:
    """Bytes by the number of the sighting."""
    numbered = enumerate((block for block in blocks if isinstance(block, Frame)), start=1)
    return {number: frame.data for number, frame in numbered}


def _told(
    events: Sequence[Event], ways: _Ways, frames: Mapping[int, bytes]
) -> Iterator[tuple[int, Met]]:
    """What the emulator told, by the number of the sighting; equal frames are told in order."""
    told = [event for event in events if event.kind == "impairment" and event.data["digest"]]
    directions = {(event.data["stretch"], event.data["way"]) for event in told}
    waiting: dict[tuple[str, str], dict[str, deque[int]]] = {}
    for stretch, way in directions:
        by_digest: defaultdict[str, deque[int]] = defaultdict(deque)
        if stretch in ways.stretches:
            for sighting in ways.sent(stretch, forward=way == "forward"):
                by_digest[digest(frames.get(sighting.number, b""))].append(sighting.number)
        waiting[stretch, way] = by_digest
    last: dict[tuple[str, str, str], tuple[int, int]] = {}
    for event in told:
        data = event.data
        if data["action"] == "release":
            continue
        key = (data["stretch"], data["way"], data["digest"])
        came = data.get("came", event.t)
        number, before = last.get(key, (0, -1))
        if came != before:  # else one more thing that the same frame met
            numbers = waiting[key[:2]].get(data["digest"])
            if not numbers:
                continue
            number = numbers.popleft()
            last[key] = (number, came)
        yield number, Met(data["action"], data["reason"], data["stretch"], data["text"])


def _replayed(
    events: Iterable[Event], links: Iterable[Link], ways: _Ways
) -> Iterator[tuple[int, Met]]:
    """What the kernel's rules must have dropped."""
    ruled = {e.data["stretch"] for e in events if e.kind == "stretch" and e.data["engine"] == "nft"}
    for link in links:
        for impairment in link.impairments:
            stretch = stretch_name(link.name, impairment.end)
            if stretch in ruled:
                for fault in impairment.faults:
                    for number in _meant(fault, ways.sent(stretch, forward=fault.forward)):
                        yield number, Met("drop", "fault", stretch, fault.text)


def _meant(fault: Fault, sent: Iterable[Sighting]) -> Iterator[int]:
    asked = Filter(fault.expression)
    matched = 0
    for sighting in sent:
        if asked.matches(Subject(sighting.packet)):
            matched += 1
            if fault.means(matched):
                yield sighting.number


def _crowded_out(
    transits: Iterable[Transit],
    found: Mapping[int, list[Met]],
    counted: Iterable[ImpairedCount],
    ways: _Ways,
) -> Iterator[tuple[int, Met]]:
    """What was lost where the kernel's queue was full: it only counts, but nothing else drops."""
    full: dict[int, str] = {}
    for count in counted:
        if count.engine == "nft" and count.packets["queue"] and count.stretch in ways.stretches:
            sent = ways.sent(count.stretch, forward=count.forward)
            full |= {sighting.number: count.stretch for sighting in sent}
    for transit in transits:
        last = transit.hops[-1]
        if transit.lost_after is not None and last.number in full and last.number not in found:
            yield last.number, Met("drop", "queue", full[last.number])


def _copies(
    transits: Sequence[Transit], found: Mapping[int, list[Met]], frames: Mapping[int, bytes]
) -> Iterator[tuple[int, Met]]:
    """Frames that nobody sent: a copy is the same frame once more."""
    copied = {
        frames.get(number, b""): met
        for number, several in found.items()
        for met in several
        if met.action == "duplicate"
    }
    for transit in transits:
        first = transit.first
        if not first.outbound and (copy := copied.get(frames.get(first.number, b""))):
            yield first.number, replace(copy, action="copy")


def _with(transit: Transit, found: Mapping[int, list[Met]]) -> Transit:
    met = tuple(each for hop in transit.hops for each in found.get(hop.number, ()))
    return replace(transit, met=met) if met else transit
