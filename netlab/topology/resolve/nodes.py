"""Nodes: ranges written out, fields taken from defaults, kinds and the node itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from netlab.topology import ranges
from netlab.topology.draft import Draft
from netlab.topology.hints import did_you_mean
from netlab.topology.marks import Path
from netlab.topology.model.filter import Filter
from netlab.topology.model.node import Defaults, Interface, Kind, Node
from netlab.topology.model.program import ProgramService
from netlab.topology.model.service import Service
from netlab.topology.plan import Offload, Role
from netlab.topology.problems import Problems
from netlab.topology.ranges import MAX_COUNT
from netlab.topology.stacks import Stack

_NO_KIND = Kind.model_construct()

#: Where a node's fields come from, with the paths of these in the file: what comes first wins.
Layers = tuple[tuple[Path, Defaults], ...]


@dataclass(frozen=True, slots=True)
class NodeDraft:
    """A node before it has links. Its fields' paths lead to the file, if need be to its kind."""

    name: str
    path: Path
    role: Role
    mtu: int | None
    offload: Offload
    congestion: str
    stack: Stack
    tcp_info: float | None
    variables: bool
    interfaces: dict[str, Interface]
    sysctls: dict[str, str]
    services: tuple[Service | ProgramService, ...]
    services_path: Path
    routes: tuple[Any, ...]
    routes_path: Path
    filters: tuple[Filter, ...]
    filters_path: Path
    layers: Layers


def expand(draft: Draft, problems: Problems) -> dict[str, NodeDraft]:
    nodes: dict[str, NodeDraft] = {}
    for key, model in draft.lab.nodes.items():
        path = ("nodes", key)
        names = ranges.expand(key)
        if len(nodes) + len(names) > MAX_COUNT:
            problems.add(path, f"a lab has at most {MAX_COUNT} nodes", key=True)
            return nodes
        kind = _kind_of(model, draft, path, problems)
        for name in names:
            if name in nodes:
                other = nodes[name].path[-1]
                problems.add(path, f"the node {name!r} is already in {other!r}", key=True)
                continue
            nodes[name] = _merged(name, path, model, kind, draft)
    if not nodes and not len(problems):
        problems.add(("nodes",), "a lab has at least one node")
    return nodes


def _kind_of(model: Node, draft: Draft, path: Path, problems: Problems) -> Kind:
    if model.kind is None:
        return _NO_KIND
    if model.kind not in draft.lab.kinds:
        hint = did_you_mean(model.kind, draft.lab.kinds)
        problems.add((*path, "kind"), f"no kind is called {model.kind!r}", hint)
        return _NO_KIND
    return draft.lab.kinds[model.kind]


def _merged(name: str, path: Path, node: Node, kind: Kind, draft: Draft) -> NodeDraft:
    defaults = draft.lab.defaults
    kind_path: Path = ("kinds", node.kind or "")
    observe = node.observe or kind.observe or draft.lab.observe
    offload = node.offload or kind.offload or defaults.offload or Offload.WIRE
    return NodeDraft(
        name=name,
        path=path,
        role=Role(node.role or kind.role or Role.HOST),
        mtu=node.mtu or kind.mtu or defaults.mtu,
        offload=Offload(offload),
        congestion=node.congestion or kind.congestion or defaults.congestion or "cubic",
        stack=Stack(node.stack or kind.stack or defaults.stack or Stack.KERNEL),
        tcp_info=observe.tcp_info,
        variables=observe.variables,
        interfaces={**(kind.interfaces or {}), **(node.interfaces or {})},
        sysctls={**(kind.sysctls or {}), **(node.sysctls or {})},
        services=(kind.services or ()) if node.services is None else node.services,
        services_path=(*(kind_path if node.services is None else path), "services"),
        routes=(kind.routes or ()) if node.routes is None else node.routes,
        routes_path=(*(kind_path if node.routes is None else path), "routes"),
        filters=(kind.filters or ()) if node.filters is None else node.filters,
        filters_path=(*(kind_path if node.filters is None else path), "filters"),
        layers=((path, node), (kind_path, kind), (("defaults",), defaults)),
    )
