"""Routes that the file adds to the computed ones."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from typing import Any

from netlab.stack.ip.addresses import link_local
from netlab.topology.hints import did_you_mean, shown
from netlab.topology.plan import IPNetwork, Node, Route
from netlab.topology.problems import Problems
from netlab.topology.resolve.directory import Directory, IPAddress, parsed_address
from netlab.topology.resolve.nodes import NodeDraft
from netlab.wire.address import from_text

#: The next hop of those that the node is to do without.
NONE = "none"

_DEFAULTS: tuple[IPNetwork, ...] = (IPv4Network("0.0.0.0/0"), IPv6Network("::/0"))


def with_extra(
    node: Node, draft: NodeDraft, directory: Directory, problems: Problems
) -> tuple[Route, ...]:
    """The node's routes; an extra one takes the place of a computed one to the same subnet.

    Via ``none`` there is none any more.
    """
    routes = {route.destination: route for route in node.routes}
    for index, model in enumerate(draft.routes):
        if model.via == NONE:
            for destination in _destinations(model):
                routes.pop(destination, None)
            continue
        try:
            extra = _routes(node, model, directory)
        except ValueError as error:
            problems.add((*draft.routes_path, index, "via"), str(error))
            continue
        routes |= {route.destination: route for route in extra}
    return tuple(routes.values())


def _routes(node: Node, model: Any, directory: Directory) -> list[Route]:
    """``default`` via a node is a route for each version of IP that both have on their link."""
    wanted = _destinations(model)
    routes = []
    for destination in wanted:
        for interface, address in _next_hops(node, model.via, directory):
            if address.version == destination.version:
                routes.append(Route(destination, str(address), interface))
                break
    if not routes:
        of = f"IPv{wanted[0].version} " if len(wanted) == 1 else ""
        raise ValueError(f"{shown(model.via)} is no {of}neighbour of {node.name}")
    return routes


def _destinations(model: Any) -> tuple[IPNetwork, ...]:
    return _DEFAULTS if model.to is None else (model.to,)


def _next_hops(node: Node, via: str, directory: Directory) -> list[tuple[str, IPAddress]]:
    literal = parsed_address(via)
    if literal is not None and literal.version == 6 and literal.is_link_local:
        return [
            (interface.name, literal)
            for interface in node.interfaces
            for other in directory.nodes
            for theirs in other.interfaces
            if theirs.link == interface.link
            and other is not node
            and link_local(from_text(theirs.mac)) == literal.packed
        ]
    if literal is not None:
        return [
            (interface.name, literal)
            for interface in node.interfaces
            for own in interface.addresses
            if literal in own.network and literal != own.ip
        ]
    if via not in directory.by_name:
        near = did_you_mean(via, directory.by_name)
        advice = f" ({near})" if near else ""
        raise ValueError(f"{shown(via)} is neither a node nor an address{advice}")
    return [
        (interface.name, theirs.ip)
        for interface in node.interfaces
        for other in directory.by_name[via].interfaces
        if other.link == interface.link and via != node.name
        for theirs in other.addresses
        if theirs.network in {own.network for own in interface.addresses}
    ]
