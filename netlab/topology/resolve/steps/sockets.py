"""What a client does with its sockets: peers found, names checked."""

from __future__ import annotations

from typing import Any

from netlab.topology import steps as plan
from netlab.topology.marks import Path
from netlab.topology.model.steps import sockets as file
from netlab.topology.resolve import endpoints
from netlab.topology.resolve.names import CONNECTIONS, Named, Thing
from netlab.topology.resolve.steps.base import Maker, Resolver, refuse_lacking
from netlab.topology.steps import Step

_MESSAGE_ALREADY = "a datagram is a message already"


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
    refuse_lacking(resolver, model, peer.transport, path)
    return plan.Connect(
        **common,
        node=model.node,
        name=_defined(resolver, model, thing, path, peer=peer.address),
        transport=peer.transport,
        host=peer.host,
        address=peer.address,
        port=peer.port,
        local_address=local.address,
        local_port=local.port,
        process=model.process,
        unprivileged=model.unprivileged,
        options=model.socket_options(peer.transport),
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
    refuse_lacking(resolver, model, "udp", path)
    address = local.address
    if address is None and version is not None:
        address = "::" if version == 6 else "0.0.0.0"  # noqa: S104 - the lab's, not this host's
    return plan.Open(
        **common,
        node=model.node,
        name=_defined(
            resolver, model, Thing.OPEN, path, version=6 if ":" in (address or "") else 4
        ),
        local_address=address,
        local_port=local.port,
        process=model.process,
        unprivileged=model.unprivileged,
        options=model.socket_options("udp"),
    )


def _set_options(
    resolver: Resolver, model: file.SetOptions, path: Path, common: dict[str, Any]
) -> Step | None:
    named = resolver.named(model.over, CONNECTIONS, model, path, "over")
    if named is None:
        return None
    if not model.set.model_fields_set:
        resolver.problems.add((*path, "set"), "there is no option in it", "{nodelay: true}")
    transport = "tcp" if named.thing is Thing.TCP else "udp"
    refuse_lacking(resolver, model.set, transport, (*path, "set"))
    return plan.SetOptions(
        **common, node=named.node, name=named.name, options=model.set.socket_options(transport)
    )


def _defined(
    resolver: Resolver,
    model: file.Connect | file.Open,
    thing: Thing,
    path: Path,
    **more: Any,
) -> str:
    if model.process is not None:
        resolver.names.define(model.process, Thing.PROCESS, model.node, (*path, "in"))
    name = model.name or resolver.names.made_up(model.node)
    resolver.names.define(name, thing, model.node, (*path, "as"), **more)
    return name


def _send(resolver: Resolver, model: file.Send, path: Path, common: dict[str, Any]) -> Step | None:
    named = resolver.named(model.over, CONNECTIONS, model, path, "over")
    if named is None:
        return None
    if model.more and named.thing is not Thing.TCP:
        resolver.problems.add((*path, "more"), "only TCP can hold data back")
    if model.urgent and named.thing is not Thing.TCP:
        resolver.problems.add((*path, "urgent"), "only TCP has urgent data")
    if model.urgent and model.more:
        resolver.problems.add((*path, "more"), "urgent data is not held back")
    _check_message(resolver, model, named, path)
    to = None
    if named.thing is Thing.OPEN and model.to is None:
        resolver.problems.add(path, f"{named.name!r} is not connected: 'to' must say to whom")
    elif named.thing is not Thing.OPEN and model.to is not None:
        resolver.problems.add(
            (*path, "to"), f"{named.name!r} is connected: 'to' cannot change that"
        )
    elif model.to is not None:
        try:
            to = endpoints.destination(model.to, resolver.directory, named.version)
        except ValueError as error:
            resolver.wrong((*path, "to"), error)
    return plan.Send(
        **common,
        node=named.node,
        name=named.name,
        payload=model.send,
        to=to,
        more=model.more,
        urgent=model.urgent,
        framed=model.framed.framing() if model.framed else None,
    )


def _check_message(resolver: Resolver, model: file.Send, named: Named, path: Path) -> None:
    if model.framed is None:
        return
    why = model.framed.framing().refusal(model.send)
    if named.thing is not Thing.TCP:
        resolver.problems.add((*path, "framed"), _MESSAGE_ALREADY)
    elif why is not None:
        resolver.problems.add((*path, "send"), why)
    elif model.urgent:
        resolver.problems.add((*path, "urgent"), "a message has no urgent end")


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
    if model.receive == "urgent" and named.thing is not Thing.TCP:
        resolver.problems.add((*path, "receive"), "only TCP has urgent data")
    _check_reading(resolver, model, named, path)
    _check_frame(resolver, model, named, path)
    data = model.receive if isinstance(model.receive, plan.Payload) else None
    return plan.Receive(
        **common,
        node=named.node,
        name=named.name,
        size=data.size if data else None,
        expected_text=data.text if data else None,
        to_eof=model.receive == "eof",
        datagram=model.receive == "datagram",
        urgent=model.receive == "urgent",
        room=model.by if named.thing is not Thing.TCP else None,
        nothing=model.receive == "nothing",
        by=model.by if named.thing is Thing.TCP else None,
        every=model.every,
        framed=model.framed.framing() if model.framed else None,
    )


def _check_frame(resolver: Resolver, model: file.Receive, named: Named, path: Path) -> None:
    """What ends a message is asked for with it, and with nothing else."""
    is_text = isinstance(model.receive, plan.Payload) and model.receive.text is not None
    if model.framed is None:
        if model.receive == "message":
            example = 'such as {until: "\\n"}'
            resolver.problems.add(path, "'framed' must say where a message ends", example)
    elif named.thing is not Thing.TCP:
        resolver.problems.add((*path, "framed"), _MESSAGE_ALREADY)
    elif not (is_text or model.receive == "message"):
        resolver.problems.add((*path, "receive"), "of messages, 'message' or {text: …} is received")


def _check_reading(resolver: Resolver, model: file.Receive, named: Named, path: Path) -> None:
    if model.by == 0:
        resolver.problems.add((*path, "by"), "nothing is read that way")
    if model.receive == "nothing" and model.by:
        resolver.problems.add((*path, "by"), "where nothing is to come, there is nothing to read")
        return
    if named.thing is Thing.TCP:
        return
    if model.every:
        resolver.problems.add((*path, "every"), "a datagram is read at once")
    if model.by and model.receive != "datagram":
        resolver.problems.add((*path, "by"), "only a datagram is cut to what fits the buffer")


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


def _reset(
    resolver: Resolver, model: file.Reset, path: Path, common: dict[str, Any]
) -> Step | None:
    named = resolver.named(model.reset, (Thing.TCP,), model, path, "reset")
    if named is None:
        return None
    return plan.Reset(**common, node=named.node, name=named.name)


MAKERS: dict[type, Maker] = {
    file.Connect: _connect,
    file.Open: _open,
    file.SetOptions: _set_options,
    file.Send: _send,
    file.Receive: _receive,
    file.Request: _request,
    file.Shutdown: _shutdown,
    file.Close: _close,
    file.Reset: _reset,
}
