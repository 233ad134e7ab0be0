"""Much at once: transfers, full buffers, many connections, floods."""

from __future__ import annotations

from typing import Any

from netlab.topology import steps as plan
from netlab.topology.marks import Path
from netlab.topology.model.steps import traffic as file
from netlab.topology.resolve import endpoints
from netlab.topology.resolve.names import Thing
from netlab.topology.resolve.steps.base import Maker, Resolver, refuse_lacking
from netlab.topology.steps import Step


def _transfer(
    resolver: Resolver, model: file.Transfer, path: Path, common: dict[str, Any]
) -> Step | None:
    named = resolver.named(model.over, (Thing.TCP,), model, path, "over")
    if named is None:
        return None
    return plan.Transfer(**common, node=named.node, name=named.name, size=model.transfer)


def _fill(resolver: Resolver, model: file.Fill, path: Path, common: dict[str, Any]) -> Step | None:
    named = resolver.named(model.fill, (Thing.TCP,), model, path, "fill")
    if named is None:
        return None
    if model.by == 0:
        resolver.problems.add((*path, "by"), "nothing fills no buffer")
    return plan.Fill(**common, node=named.node, name=named.name, by=model.by)


def _many(resolver: Resolver, model: file.Many, path: Path, common: dict[str, Any]) -> Step | None:
    if resolver.node(model.node, path) is None:
        return None
    many = model.many
    inner = (*path, "many", "connect")
    try:
        peer = endpoints.peer(many.connect, resolver.directory)
    except ValueError as error:
        resolver.wrong(inner, error)
        return None
    if peer.transport != "tcp":
        resolver.problems.add(inner, "only TCP has connections to open many of")
    refuse_lacking(resolver, many, "tcp", (*path, "many"))
    name = model.name or resolver.names.made_up(f"{model.node}-many")
    resolver.names.define(name, Thing.CROWD, model.node, (*path, "as"))
    return plan.Many(
        **common,
        node=model.node,
        name=name,
        host=peer.host,
        address=peer.address,
        port=peer.port,
        count=many.count,
        payload=many.send,
        reply=many.receive,
        times=many.times,
        hold=many.hold,
        rate=many.rate,
        patience=many.within,
        options=many.socket_options("tcp"),
    )


def _flood(
    resolver: Resolver, model: file.Flood, path: Path, common: dict[str, Any]
) -> Step | None:
    if resolver.node(model.node, path) is None:
        return None
    syns = model.flood
    inner = (*path, "flood")
    try:
        address, port = endpoints.destination(
            syns.syn, resolver.directory, version=syns.sources.version
        )
    except ValueError as error:
        resolver.wrong((*inner, "syn"), error)
        return None
    name = model.name or resolver.names.made_up(f"{model.node}-flood")
    resolver.names.define(name, Thing.FLOOD, model.node, (*path, "as"))
    return plan.Flood(
        **common,
        node=model.node,
        name=name,
        address=address,
        port=port,
        count=syns.count,
        sources=str(syns.sources),
        rate=syns.rate,
    )


MAKERS: dict[type, Maker] = {
    file.Transfer: _transfer,
    file.Fill: _fill,
    file.Many: _many,
    file.Flood: _flood,
}
