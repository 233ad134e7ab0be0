"""The packets that an expectation about packets is judged on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from netlab.analyse.model import Arrow, Sighting, Transit
from netlab.analyse.summary import summary
from netlab.scenario.judges.evidence import Evidence, Window, seconds
from netlab.wire.fields import Subject


@dataclass(frozen=True, slots=True)
class Seen:
    """A packet at the place where it is judged."""

    sighting: Sighting
    subject: Subject
    arrow: Arrow | None

    def __str__(self) -> str:
        one = self.sighting
        text = summary(one.packet, self.arrow)
        return f"frame {one.number}, {one.node}:{one.interface}, {seconds(one.t)}: {text}"


Arrows = Callable[[Transit], Arrow | None]


def view(
    evidence: Evidence, window: Window, *, at: str | None = None, connection: str | None = None
) -> list[Seen]:
    """In time order: each packet where its source sent it, or every sighting of one place."""
    arrow = arrows(evidence)
    # By number: a datagram that was cut on its way shares the arrival of its last fragment.
    found = {
        sighting.number: _seen(sighting, transit, arrow(transit))
        for transit in transits(evidence, connection)
        for sighting in _places(transit, at)
        if sighting.t in window
    }
    return sorted(found.values(), key=lambda seen: (seen.sighting.t, seen.sighting.number))


def arrows(evidence: Evidence) -> Arrows:
    """Finds the arrow of a transit that belongs to a connection."""
    known = {
        arrow.transit.first.number: arrow
        for connection in evidence.analysis.connections
        for arrow in connection.arrows
    }
    return lambda transit: known.get(transit.first.number)


def transits(evidence: Evidence, connection: str | None = None) -> Iterator[Transit]:
    """Those of one connection, with the errors that quote it, or of the whole run."""
    if connection is None:
        yield from evidence.analysis.transits
        return
    for each in evidence.connections(connection):
        yield from (arrow.transit for arrow in each.arrows)
        yield from each.related


def first_seen(transit: Transit, arrow: Arrow | None) -> Seen:
    """A packet at the first place that saw it."""
    return _seen(transit.first, transit, arrow)


def _places(transit: Transit, at: str | None) -> Iterator[Sighting]:
    if at is None:
        if transit.injected_by:
            yield transit.first
        elif transit.sent:
            yield transit.sent
        return
    node, _, interface = at.partition(":")
    for hop in transit.hops:
        if hop.node == node and interface in {"", hop.interface}:
            yield hop


def _seen(sighting: Sighting, transit: Transit, arrow: Arrow | None) -> Seen:
    subject = Subject(
        sighting.packet,
        source_node=transit.injected_by or (transit.sent.node if transit.sent else ""),
        destination_node=transit.received.node if transit.received else "",
        sequence=arrow.sequence if arrow else None,
        acknowledgment=arrow.acknowledgment if arrow else None,
    )
    return Seen(sighting, subject, arrow)
