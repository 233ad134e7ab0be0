"""The packets that an expectation about packets is judged on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from netlab.analyse.model import Arrow, Sighting, Transit
from netlab.analyse.summary import summary
from netlab.scenario.judges.evidence import Evidence, seconds
from netlab.topology.expectations import PacketsExpected
from netlab.wire.filter import Subject


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


def view(expectation: PacketsExpected, evidence: Evidence) -> list[Seen]:
    """In time order: each packet where its source sent it, or every sighting of one place."""
    deadline = evidence.deadline(expectation)
    arrows = {
        arrow.transit.first.number: arrow
        for connection in evidence.analysis.connections
        for arrow in connection.arrows
    }
    # By number: a datagram that was cut on its way shares the arrival of its last fragment.
    found = {
        sighting.number: _seen(sighting, transit, arrows.get(transit.first.number))
        for transit in _transits(expectation, evidence)
        for sighting in _places(transit, expectation.at)
        if sighting.t <= deadline
    }
    return sorted(found.values(), key=lambda seen: (seen.sighting.t, seen.sighting.number))


def _transits(expectation: PacketsExpected, evidence: Evidence) -> Iterator[Transit]:
    if expectation.connection is None:
        yield from evidence.analysis.transits
        return
    for connection in evidence.connections(expectation.connection):
        yield from (arrow.transit for arrow in connection.arrows)
        yield from connection.related


def _places(transit: Transit, at: str | None) -> Iterator[Sighting]:
    if at is None:
        if transit.sent:
            yield transit.sent
        return
    node, _, interface = at.partition(":")
    for hop in transit.hops:
        if hop.node == node and interface in {"", hop.interface}:
            yield hop


def _seen(sighting: Sighting, transit: Transit, arrow: Arrow | None) -> Seen:
    subject = Subject(
        sighting.packet,
        source_node=transit.sent.node if transit.sent else "",
        destination_node=transit.received.node if transit.received else "",
        sequence=arrow.sequence if arrow else None,
        acknowledgment=arrow.acknowledgment if arrow else None,
    )
    return Seen(sighting, subject, arrow)
