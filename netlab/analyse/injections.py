"""Which packets a scenario let a node send in another's name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from netlab.analyse.headers import socket_pair
from netlab.analyse.model import Transit
from netlab.collect.events import Event
from netlab.wire.address import endpoint


@dataclass(frozen=True, slots=True)
class _Injected:
    """What tells it from what the node forwards besides; ``sequence`` is of TCP."""

    node: str
    source: str
    destination: str
    length: int
    sequence: int | None


def with_injected(transits: tuple[Transit, ...], events: Sequence[Event]) -> tuple[Transit, ...]:
    """``transits`` with the node that injected them, in the order that events tell."""
    expected: dict[_Injected, int] = defaultdict(int)
    for event in events:
        if event.kind == "injected" and "transport" in event.data:
            expected[_told(event)] += 1
    if not expected:
        return transits
    return tuple(_marked(transit, expected) for transit in transits)


def _marked(transit: Transit, expected: dict[_Injected, int]) -> Transit:
    seen = _seen(transit)
    if seen is None or not expected.get(seen):
        return transit
    expected[seen] -= 1
    return replace(transit, injected_by=seen.node)


def _told(event: Event) -> _Injected:
    data = event.data
    return _Injected(event.node or "", data["from"], data["to"], data["len"], data.get("seq_raw"))


def _seen(transit: Transit) -> _Injected | None:
    """What begins at a node that is not its source."""
    first = transit.first
    pair = socket_pair(first.packet)
    if pair is None or transit.sent is not None or not first.outbound:
        return None
    header = first.packet.tcp
    return _Injected(
        first.node,
        endpoint(pair.source, pair.source_port),
        endpoint(pair.destination, pair.destination_port),
        len(first.packet.payload),
        header.sequence if header else None,
    )
