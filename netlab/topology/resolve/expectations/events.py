"""What the run's events say."""

from __future__ import annotations

from collections.abc import Iterable

from netlab.topology.expectations import EventsExpected, Expectation
from netlab.topology.marks import Path
from netlab.topology.model.expectations.events import Events
from netlab.topology.resolve.expectations.base import Maker, Resolver
from netlab.topology.resolve.names import Thing


def _events(resolver: Resolver, model: Events, path: Path) -> Iterable[Expectation]:
    for condition in model.events:
        place = (*path, "events", condition.field)
        if condition.field == "conn" and isinstance(condition.value, str):
            resolver.names.find(condition.value, tuple(Thing), place)
        if condition.field == "node" and isinstance(condition.value, str):
            resolver.is_node(condition.value, place)
    text = "events " + ", ".join(map(str, model.events))
    text += f", distinct {model.distinct}" if model.distinct else ""
    text += f", count {model.count}" if model.count else ""
    yield EventsExpected(
        **resolver.common(model, path, text),
        conditions=model.events,
        count=model.count,
        distinct=model.distinct,
    )


MAKERS: dict[type, Maker] = {Events: _events}
