"""What the nodes' packet filters have stopped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from netlab.collect.events import Event


@dataclass(frozen=True, slots=True)
class Stopped:
    """``until_removed``: the scenario took the filter away before the end."""

    node: str
    filter: str
    packets: int
    size: int
    until_removed: bool


def stopped(events: Iterable[Event]) -> Iterator[Stopped]:
    """One for each filter, as the nodes counted them."""
    for event in events:
        if event.kind == "filter" and "packets" in event.data:
            data = event.data
            yield Stopped(
                node=event.node or "",
                filter=data["filter"],
                packets=data["packets"],
                size=data["bytes"],
                until_removed=data["status"] == "removed",
            )
