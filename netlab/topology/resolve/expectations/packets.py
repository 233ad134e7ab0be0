"""Which packets are seen, and where."""

from __future__ import annotations

from collections.abc import Iterable

from netlab.topology.expectations import Expectation, PacketsExpected
from netlab.topology.marks import Path
from netlab.topology.model.expectations.packets import Packets
from netlab.topology.resolve.expectations.base import Maker, Resolver
from netlab.topology.resolve.names import CONNECTIONS


def _packets(resolver: Resolver, model: Packets, path: Path) -> Iterable[Expectation]:
    for index, expression in enumerate(model.packets):
        resolver.check_expression(expression, (*path, "packets", index))
    if model.count is not None and len(model.packets) > 1:
        resolver.problems.add(
            (*path, "count"), "a count is of one expression", "several match in order, once each"
        )
    if model.exact and len(model.packets) == 1:
        resolver.problems.add((*path, "exact"), "'exact' is for several expressions in order")
    if model.over is not None:
        resolver.names.find(model.over, CONNECTIONS, (*path, "over"))
    resolver.check_place(model.at, (*path, "at"))
    text = "packets " + ", then ".join(model.packets)
    text += f", count {model.count}" if model.count else ""
    text += f", at {model.at}" if model.at else ""
    yield PacketsExpected(
        **resolver.common(model, path, text),
        expressions=model.packets,
        count=model.count,
        exact=model.exact,
        at=model.at,
        connection=model.over,
    )


MAKERS: dict[type, Maker] = {Packets: _packets}
