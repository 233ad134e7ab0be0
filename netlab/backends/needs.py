"""What a Plan asks of its backend, and what a backend that has it not is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from netlab.errors import UsageError
from netlab.topology.equipment import Resources
from netlab.topology.plan import Node, Plan

#: Fields of nodes, with the keys of the file, that not every backend can give to a node.
KEYS = ("image", "command", "env", "files", "binds", "resources", "ready", "user")

_NAMED_AT_MOST = 5


@dataclass(frozen=True, slots=True)
class Need:
    """A node that has ``key`` in the file."""

    node: str
    key: str


def needs_of(plan: Plan) -> tuple[Need, ...]:
    return tuple(Need(node.name, key) for node in plan.nodes for key in KEYS if _has(node, key))


def _has(node: Node, key: str) -> bool:
    return getattr(node, key) not in {None, (), Resources()}


def check(plan: Plan, backend: str, supports: Iterable[str], hint: str) -> None:
    """UsageError when nodes of the Plan need what the backend does not support; ``hint`` helps."""
    supported = frozenset(supports)
    unmet: dict[str, list[str]] = {}
    for need in needs_of(plan):
        if need.key not in supported:
            unmet.setdefault(need.node, []).append(need.key)
    if unmet:
        named = [f"{node}: {', '.join(keys)}" for node, keys in unmet.items()]
        said = "; ".join(named[:_NAMED_AT_MOST])
        if len(named) > _NAMED_AT_MOST:
            said += f"; and {len(named) - _NAMED_AT_MOST} more"
        raise UsageError(
            f"{backend} does not have what nodes ask for: {said}",
            where=plan.source,
            hint=hint,
        )
