"""What a client does with its sockets: peers found, names checked."""

from __future__ import annotations

from typing import Any

from netlab.topology import steps as plan
from netlab.topology.marks import Path
from netlab.topology.model.steps import sockets as file
from netlab.topology.resolve import endpoints
from netlab.topology.resolve.names import CONNECTIONS, Thing
from netlab.topology.resolve.steps.base import Maker, Resolver
from netlab.topology.steps import Step


def _connect(
    resolver: Resolver, model: file.Connect, path: Path, common: dict[str, Any]
) -> Step | None:
    if resolver.node(model.node, path) is None:
        return None
    try:
        peer = endpoints.peer(model.connect, resolver.directory)
    except ValueError as error:
        resolver.wrong((*path, "connect"), error)
        return None
    try:
        local = endpoints.local(model.local, model.node, peer.version, resolver.directory)
    except ValueError as error:
        resolver.wrong((*path, "from"), error)
        return None
    thing = Thing.TCP if peer.transport == "tcp" else Thing.UDP
    return plan.Connect(
        **common,
        node=model.node,
        name=_defined(resolver, model, thing, path),
        transport=peer.transport,
        host=peer.host,
        address=peer.address,
        port=peer.port,
        local_address=local.address,
        local_port=local.port,
        process=model.process,
        options=model.socket_options(path_mtu_discovery=model.path_mtu_discovery),
    )


def _open(resolver: Resolver, model: file.Open, path: Path, common: dict[str, Any]) -> Step | None:
    if resolver.node(model.node, path) is None:
        return None
    version = {"udp4": 4, "udp6": 6}.get(model.open)
    try:
        local = endpoints.local(model.local, model.node, version, resolver.directory)
    except ValueError as error:
        resolver.wrong((*path, "from"), error)
        return None
    address = local.address
    if address is None and version is not None:
        address = "::" if version == 6 else "0.0.0.0"  # noqa: S104 - the lab's, not this host's
    return plan.Open(
        **common,
        node=model.node,
        name=_defined(resolver, model, Thing.OPEN, path),
        local_address=address,
        local_port=local.port,
        process=model.process,
        options=model.socket_options(path_mtu_discovery=model.path_mtu_discovery),
    )


def _defined(resolver: Resolver, model: file.Connect | file.Open, thing: Thing, path: Path) -> str:
    if model.process is not None:
        resolver.names.define(model.process, Thing.PROCESS, model.node, (*path, "in"))
    name = model.name or resolver.names.made_up(model.node)
    resolver.names.define(name, thing, model.node, (*path, "as"))
    return name


def _send(resolver: Resolver, model: file.Send, path: Path, common: dict[str, Any]) -> Step | None:
    named = resolver.named(model.over, CONNECTIONS, model, path, "over")
    if named is None:
        return None
    if model.more and named.thing is not Thing.TCP:
        resolver.problems.add((*path, "more"), "only TCP can hold data back")
    to = None
    if named.thing is Thing.OPEN and model.to is None:
        resolver.problems.add(path, f"{named.name!r} is not connected: 'to' must say to whom")
    elif named.thing is not Thing.OPEN and model.to is not None:
        resolver.problems.add(
            (*path, "to"), f"{named.name!r} is connected: 'to' cannot change that"
        )
    elif model.to is not None:
        try:
            to = endpoints.destination(model.to, resolver.directory)
        except ValueError as error:
            resolver.wrong((*path, "to"), error)
    return plan.Send(
        **common,
        node=named.node,
        name=named.name,
        payload=model.send,
        to=to,
        more=model.more,
    )


def _receive(
    resolver: Resolver, model: file.Receive, path: Path, common: dict[str, Any]
) -> Step | None:
    named = resolver.named(model.over, CONNECTIONS, model, path, "over")
    if named is None:
        return None
    if model.receive == "datagram" and named.thing is Thing.TCP:
        resolver.problems.add((*path, "receive"), "TCP is a stream of bytes, it has no datagrams")
    if model.receive == "eof" and named.thing is not Thing.TCP:
        resolver.problems.add((*path, "receive"), "UDP has no end: only TCP sends FIN")
    data = model.receive if isinstance(model.receive, plan.Payload) else None
    return plan.Receive(
        **common,
        node=named.node,
        name=named.name,
        size=data.size if data else None,
        expected_text=data.text if data else None,
        to_eof=model.receive == "eof",
        datagram=model.receive == "datagram",
        nothing=model.receive == "nothing",
    )


def _request(
    resolver: Resolver, model: file.Request, path: Path, common: dict[str, Any]
) -> Step | None:
    named = resolver.named(model.over, (Thing.TCP, Thing.UDP), model, path, "over")
    if named is None:
        return None
    request = model.request
    return plan.Request(
        **common,
        node=named.node,
        name=named.name,
        payload=request.send,
        reply=request.receive,
        times=request.times,
        think=request.think,
    )


def _shutdown(
    resolver: Resolver, model: file.Shutdown, path: Path, common: dict[str, Any]
) -> Step | None:
    named = resolver.named(model.shutdown, (Thing.TCP,), model, path, "shutdown")
    if named is None:
        return None
    return plan.Shutdown(**common, node=named.node, name=named.name)


def _close(
    resolver: Resolver, model: file.Close, path: Path, common: dict[str, Any]
) -> Step | None:
    named = resolver.named(model.close, CONNECTIONS, model, path, "close")
    if named is None:
        return None
    return plan.Close(**common, node=named.node, name=named.name)


MAKERS: dict[type, Maker] = {
    file.Connect: _connect,
    file.Open: _open,
    file.Send: _send,
    file.Receive: _receive,
    file.Request: _request,
    file.Shutdown: _shutdown,
    file.Close: _close,
}
