"""The whole analysis of a run, from its plan, events and packets."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from netlab.analyse import impairments, injections, partial
from netlab.analyse.connections import connections
from netlab.analyse.corruption import with_damaged
from netlab.analyse.model import Analysis, Sighting
from netlab.analyse.path_mtu import path_mtus
from netlab.analyse.places import Places
from netlab.analyse.sightings import described, sightings
from netlab.analyse.transits import transits
from netlab.collect.counts import InterfaceCount
from netlab.collect.events import Event
from netlab.topology.plan import Offload, Plan
from netlab.wire.pcapng import Block


def analyse(plan: Plan, events: Sequence[Event], frames: Iterable[Block | Sighting]) -> Analysis:
    """What happened, from what was observed. Pure.

    ``frames`` are the blocks of a capture file or sightings; the ``run`` event has their epoch.
    """
    with _uncollected():
        return _analysed(plan, events, *partial.first(frames))


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without garbage collection: an analysis makes no cycles, and is walked again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _analysed(
    plan: Plan, events: Sequence[Event], blocks: list[Block | Sighting], is_partial: bool
) -> Analysis:
    run = next((event.data for event in events if event.kind == "run"), {})
    seen = sightings(
        blocks,
        run.get("epoch", 0),
        offloaded=_offloaded(plan),
        is_ordered=run.get("backend") == "sim",
    )
    counts = tuple(_count(event) for event in events if event.kind == "capture")
    captured = {(one.node, one.interface) for one in seen}
    captured |= {(one.node, one.interface) for one in counts} | described(blocks)
    places = Places(plan, captured)
    found = with_damaged(transits(seen, places), places)
    if is_partial:
        found = partial.undecided(found, seen[-1].t)
    ways = impairments.with_impairments(found, plan, events, seen, blocks)
    ways = injections.with_injected(ways, events)
    return Analysis(
        connections=connections(plan, events, ways, places),
        transits=ways,
        sightings=seen,
        path_mtus=path_mtus(ways),
        counts=counts,
        is_partial=is_partial,
        impaired=impairments.counts(events),
    )


def _offloaded(plan: Plan) -> set[str]:
    return {
        f"{node.name}:{interface.name}"
        for node in plan.nodes
        for interface in node.interfaces
        if interface.offload is Offload.FAST
    }


def _count(event: Event) -> InterfaceCount:
    return InterfaceCount(
        node=event.node or "",
        interface=event.data["interface"],
        packets=event.data["packets"],
        drops=event.data["drops"],
    )
