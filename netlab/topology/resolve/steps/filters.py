"""What happens to packet filters."""

from __future__ import annotations

from typing import Any

from netlab.topology import steps as plan
from netlab.topology.marks import Path
from netlab.topology.model.steps import filters as file
from netlab.topology.resolve.filters import packet_filter
from netlab.topology.resolve.steps.base import Maker, Resolver
from netlab.topology.steps import Step


def _set_filter(
    resolver: Resolver, model: file.SetFilter, path: Path, common: dict[str, Any]
) -> Step | None:
    if resolver.node(model.node, path) is None:
        return None
    if model.filter is None:
        if model.duration is not None:
            resolver.problems.add((*path, "for"), "filters that are removed do not come back")
        return plan.SetFilter(**common, node=model.node, filter=None)
    made = packet_filter(model.filter, (*path, "filter"), resolver.problems)
    if made is None:
        return None
    return plan.SetFilter(**common, node=model.node, filter=made, duration=model.duration)


MAKERS: dict[type, Maker] = {file.SetFilter: _set_filter}
