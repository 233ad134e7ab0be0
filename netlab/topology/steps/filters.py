"""What happens to packet filters."""

from __future__ import annotations

from dataclasses import dataclass

from netlab.topology.filters import PacketFilter
from netlab.topology.steps.base import NodeStep


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFilter(NodeStep):
    """Add a filter, for ``duration`` seconds if that is given; None removes all of the node."""

    filter: PacketFilter | None
    duration: float | None = None
