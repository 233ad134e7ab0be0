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
    named = resolver.named(model.kill, (Thing.PROCESS, Thing.PROGRAM), model, path, "kill")
    if named is None:
        return None
    if named.thing is Thing.PROGRAM:
        return plan.KillProgram(**common, node=named.node, name=named.name, signal=model.signal)
    return plan.Kill(**common, node=named.node, process=named.name, signal=model.signal)


def _exec(resolver: Resolver, model: file.Exec, path: Path, common: dict[str, Any]) -> Step | None:
    if resolver.node(model.node, path) is None:
        return None
    name = model.name or resolver.names.made_up(f"{model.node}-exec")
    resolver.names.define(name, Thing.PROGRAM, model.node, (*path, "as"))
    command = model.command(model.exec, model.input)
    return plan.Exec(**common, node=model.node, name=name, command=command)


def _start(
    resolver: Resolver, model: file.Start, path: Path, common: dict[str, Any]
) -> Step | None:
    if resolver.node(model.node, path) is None:
        return None
    services = resolver.directory.node(model.node).programs
    if model.name in {service.name for service in services}:
        message = f"a service of {model.node} is called {model.name!r} already"
        resolver.problems.add((*path, "as"), message)
    resolver.names.define(model.name, Thing.PROGRAM, model.node, (*path, "as"))
    return plan.Start(
        **common,
        node=model.node,
        name=model.name,
        command=model.command(model.start, model.input),
        ready=model.ready.probe() if model.ready else None,
    )


def _await(
    resolver: Resolver, model: file.Await, path: Path, common: dict[str, Any]
) -> Step | None:
    named = resolver.named(model.await_, (Thing.PROGRAM,), model, path, "await")
    if named is None:
        return None
    return plan.Await(**common, node=named.node, name=named.name)


MAKERS: dict[type, Maker] = {
    file.Exit: _exit,
    file.Kill: _kill,
    file.Exec: _exec,
    file.Start: _start,
    file.Await: _await,
}
