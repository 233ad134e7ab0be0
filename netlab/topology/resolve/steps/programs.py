"""Processes and programs in a node."""

from __future__ import annotations

from typing import Any

from netlab.topology import steps as plan
from netlab.topology.marks import Path
from netlab.topology.model.steps import programs as file
from netlab.topology.resolve.names import Thing
from netlab.topology.resolve.steps.base import Maker, Resolver
from netlab.topology.steps import Step


def _exit(resolver: Resolver, model: file.Exit, path: Path, common: dict[str, Any]) -> Step | None:
    named = resolver.named(model.exit, (Thing.PROCESS,), model, path, "exit")
    if named is None:
        return None
    return plan.Exit(**common, node=named.node, process=named.name)


def _kill(resolver: Resolver, model: file.Kill, path: Path, common: dict[str, Any]) -> Step | None:
    named = resolver.named(model.kill, (Thing.PROCESS,), model, path, "kill")
    if named is None:
        return None
    return plan.Kill(**common, node=named.node, process=named.name, signal=model.signal)


def _exec(resolver: Resolver, model: file.Exec, path: Path, common: dict[str, Any]) -> Step | None:
    if resolver.node(model.node, path) is None:
        return None
    name = model.name or resolver.names.made_up(f"{model.node}-exec")
    resolver.names.define(name, Thing.PROGRAM, model.node, (*path, "as"))
    return plan.Exec(**common, node=model.node, name=name, argv=model.exec)


MAKERS: dict[type, Maker] = {
    file.Exit: _exit,
    file.Kill: _kill,
    file.Exec: _exec,
}
