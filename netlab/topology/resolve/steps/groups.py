"""Datagrams to many: sockets looked up, interfaces found."""

from __future__ import annotations

from typing import Any

from netlab.topology import steps as plan
from netlab.topology.marks import Path
from netlab.topology.model.steps import groups as file
from netlab.topology.resolve.names import Thing
from netlab.topology.resolve.steps.base import Maker, Resolver
from netlab.topology.steps import Step

_DATAGRAMS = (Thing.UDP, Thing.OPEN)


def _join(resolver: Resolver, model: file.Join, path: Path, common: dict[str, Any]) -> Step | None:
    return _membership(resolver, model, model.join, path, common)


def _leave(
    resolver: Resolver, model: file.Leave, path: Path, common: dict[str, Any]
) -> Step | None:
    return _membership(resolver, model, model.leave, path, common)


def _membership(
    resolver: Resolver,
    model: file.Join | file.Leave,
    group: str,
    path: Path,
    common: dict[str, Any],
) -> Step | None:
    named = resolver.named(model.over, _DATAGRAMS, model, path, "over")
    if named is None:
        return None
    interface = resolver.interface(named.node, model.on, (*path, "on"))
    if interface is None:
        return None
    return plan.Membership(
        **common,
        node=named.node,
        name=named.name,
        group=group,
        interface=interface,
        join=isinstance(model, file.Join),
    )


def _multicast(
    resolver: Resolver, model: file.Multicast, path: Path, common: dict[str, Any]
) -> Step | None:
    named = resolver.named(model.over, _DATAGRAMS, model, path, "over")
    if named is None:
        return None
    asked = model.multicast
    interface = asked.on
    if interface is not None:
        interface = resolver.interface(named.node, interface, (*path, "multicast", "on"))
    return plan.Multicast(
        **common,
        node=named.node,
        name=named.name,
        ttl=asked.ttl,
        loop=asked.loop,
        interface=interface,
    )


def _broadcast(
    resolver: Resolver, model: file.Broadcast, path: Path, common: dict[str, Any]
) -> Step | None:
    named = resolver.named(model.broadcast, _DATAGRAMS, model, path, "broadcast")
    if named is None:
        return None
    return plan.Broadcast(**common, node=named.node, name=named.name)


def _hear_errors(
    resolver: Resolver, model: file.HearErrors, path: Path, common: dict[str, Any]
) -> Step | None:
    named = resolver.named(model.hear_errors, _DATAGRAMS, model, path, "hear_errors")
    if named is None:
        return None
    return plan.HearErrors(**common, node=named.node, name=named.name)


MAKERS: dict[type, Maker] = {
    file.Join: _join,
    file.Leave: _leave,
    file.Multicast: _multicast,
    file.Broadcast: _broadcast,
    file.HearErrors: _hear_errors,
}
