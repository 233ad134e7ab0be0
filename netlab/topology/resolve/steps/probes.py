"""What a node finds out about the network, and what it tells others about it."""

from __future__ import annotations

from typing import Any

from netlab.topology import steps as plan
from netlab.topology.marks import Path
from netlab.topology.model.steps import probes as file
from netlab.topology.resolve.directory import parsed_address
from netlab.topology.resolve.names import Thing
from netlab.topology.resolve.steps.base import Maker, Resolver
from netlab.topology.steps import Step


def _ping(resolver: Resolver, model: file.Ping, path: Path, common: dict[str, Any]) -> Step | None:
    address = _target(resolver, model, model.ping, (*path, "ping"))
    if address is None:
        return None
    return plan.Ping(
        **common,
        node=model.node,
        name=_defined(resolver, model, "ping", Thing.PROBE, path),
        host=model.ping,
        address=address,
        count=model.count,
        size=model.size,
        interval=model.interval,
        timeout=model.timeout,
        ttl=model.ttl,
        df=model.df,
    )


def _traceroute(
    resolver: Resolver, model: file.Traceroute, path: Path, common: dict[str, Any]
) -> Step | None:
    address = _target(resolver, model, model.traceroute, (*path, "traceroute"))
    if address is None:
        return None
    return plan.Traceroute(
        **common,
        node=model.node,
        name=_defined(resolver, model, "traceroute", Thing.PROBE, path),
        host=model.traceroute,
        address=address,
        method=model.by,
        most=model.hops,
        timeout=model.timeout,
    )


def _target(
    resolver: Resolver, model: file.Ping | file.Traceroute, host: str, path: Path
) -> str | None:
    if resolver.node(model.node, path[:-1]) is None:
        return None
    if model.ip == 5:
        resolver.problems.add((*path[:-1], "ip"), "a version of IP is 4 or 6, not 5")
        return None
    given = "ip" in model.model_fields_set or parsed_address(host) is None
    try:
        return str(resolver.directory.address(host, model.ip if given else None))
    except ValueError as error:
        resolver.wrong(path, error)
        return None


def _defined(resolver: Resolver, model: Any, stem: str, thing: Thing, path: Path) -> str:
    name = model.name or resolver.names.made_up(f"{model.node}-{stem}")
    resolver.names.define(name, thing, model.node, (*path, "as"))
    return str(name)


def _observe(
    resolver: Resolver, model: file.Observe, path: Path, common: dict[str, Any]
) -> Step | None:
    if resolver.node(model.node, path) is None:
        return None
    name = _defined(resolver, model, "observer", Thing.OBSERVER, path)
    return plan.Observe(
        **common, node=model.node, name=name, errors_only=model.messages == "errors"
    )


def _stop(resolver: Resolver, model: file.Stop, path: Path, common: dict[str, Any]) -> Step | None:
    named = resolver.named(model.stop, (Thing.OBSERVER,), model, path, "stop")
    if named is None:
        return None
    return plan.StopObserving(**common, node=named.node, name=named.name)


def _advertise(
    resolver: Resolver, model: file.Advertise, path: Path, common: dict[str, Any]
) -> Step | None:
    if resolver.node(model.node, path) is None:
        return None
    interface = resolver.interface(model.node, model.on, (*path, "on"))
    if interface is None:
        return None
    return plan.Advertise(
        **common,
        node=model.node,
        name=_defined(resolver, model, "advertisement", Thing.PROBE, path),
        prefix=model.advertise,
        interface=interface,
        lifetime=model.lifetime,
        router=model.router,
    )


MAKERS: dict[type, Maker] = {
    file.Ping: _ping,
    file.Traceroute: _traceroute,
    file.Observe: _observe,
    file.Stop: _stop,
    file.Advertise: _advertise,
}
