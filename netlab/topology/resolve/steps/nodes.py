"""What happens to nodes and their interfaces."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from netlab.topology import steps as plan
from netlab.topology.marks import Path
from netlab.topology.model.steps import nodes as file
from netlab.topology.resolve import endpoints
from netlab.topology.resolve.steps.base import Maker, Resolver
from netlab.topology.steps import Change, Step


def _of_node(key: str, kind: Callable[..., Step]) -> Maker:
    def make(resolver: Resolver, model: Any, path: Path, common: dict[str, Any]) -> Step | None:
        name: str = getattr(model, key)
        if resolver.node(name, path, key) is None:
            return None
        return kind(**common, node=name)

    return make


def _freeze(
    resolver: Resolver, model: file.Freeze, path: Path, common: dict[str, Any]
) -> Step | None:
    if resolver.node(model.freeze, path, "freeze") is None:
        return None
    return plan.Freeze(**common, node=model.freeze, duration=model.duration)


def _restart(
    resolver: Resolver, model: file.Restart, path: Path, common: dict[str, Any]
) -> Step | None:
    if resolver.node(model.restart, path, "restart") is None:
        return None
    return plan.Restart(**common, node=model.restart, quiet=model.quiet)


def _set_interface(
    resolver: Resolver, model: file.SetInterface, path: Path, common: dict[str, Any]
) -> Step | None:
    try:
        end = endpoints.end(model.interface, resolver.directory)
    except ValueError as error:
        resolver.wrong((*path, "interface"), error)
        return None
    change = Change(model.change)
    value = getattr(model, change)
    switched = change in {Change.DOWN, Change.UP}
    return plan.SetInterface(
        **common,
        node=end.node,
        interface=end.interface,
        change=change,
        value=None if switched else str(value),
        duration=value if switched else None,
    )


MAKERS: dict[type, Maker] = {
    file.Freeze: _freeze,
    file.Thaw: _of_node("thaw", plan.Thaw),
    file.Crash: _of_node("crash", plan.Crash),
    file.Restart: _restart,
    file.SetInterface: _set_interface,
}
