"""Nodes and links put together: addresses, MACs, routes, and what is said about them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from netlab.topology import addressing, routing
from netlab.topology.addressing import MIN_IPV6_MTU, Pools
from netlab.topology.bridging import bridging_notice
from netlab.topology.draft import Draft
from netlab.topology.plan import End, HostsEntry, Interface, Link, LinkKind, Node
from netlab.topology.problems import Problems
from netlab.topology.resolve import links as links_of
from netlab.topology.resolve import nodes as nodes_of
from netlab.topology.resolve.directory import Directory
from netlab.topology.resolve.equipment import equipped
from netlab.topology.resolve.extra_routes import with_extra
from netlab.topology.resolve.filters import filters
from netlab.topology.resolve.links import Wire
from netlab.topology.resolve.nodes import NodeDraft
from netlab.topology.resolve.services import programs, services
from netlab.topology.sources import Sources

_NAMED_AT_MOST = 5


def network(draft: Draft, sources: Sources, problems: Problems) -> Directory:
    """The nodes and links of the Plan, wired, addressed and routed."""
    drafts = nodes_of.expand(draft, problems)
    wires = links_of.expand(draft, drafts, problems)
    pools = _pools(draft, problems)
    addresses = addressing.assign(wires, pools, problems)
    macs = addressing.macs(wires, problems)
    links = tuple(_link(wire, addresses) for wire in wires)
    interfaces: dict[str, list[Interface]] = defaultdict(list)
    for wire in wires:
        for port in wire.ports:
            where = (port.node, port.interface)
            interfaces[port.node].append(
                Interface(
                    name=port.interface,
                    mac=macs[where],
                    mtu=port.mtu,
                    link=wire.name,
                    addresses=addresses.interfaces[where],
                    offload=port.offload,
                )
            )
    nodes = [
        _node(each, interfaces[each.name], problems.document.where(each.path, key=True))
        for each in drafts.values()
    ]
    nodes = [equipped(node, drafts[node.name], sources, problems) for node in nodes]
    computed = routing.routes(nodes, links)
    nodes = [replace(node, routes=computed[node.name]) for node in nodes]
    directory = Directory(tuple(nodes), links)
    nodes = [
        replace(
            node,
            routes=with_extra(node, drafts[node.name], directory, problems),
            services=services(node, drafts[node.name], problems),
            programs=programs(drafts[node.name], problems),
            filters=filters(drafts[node.name], problems),
        )
        for node in nodes
    ]
    return Directory(tuple(nodes), links)


def hosts(nodes: tuple[Node, ...]) -> tuple[HostsEntry, ...]:
    """A node's name is its first interface; ``node.interface`` is each of them."""
    entries = []
    for node in nodes:
        named: set[int] = set()
        for interface in node.interfaces:
            for address in interface.addresses:
                full = f"{node.name}.{interface.name}"
                names = (full,) if address.version in named else (node.name, full)
                named.add(address.version)
                entries.append(HostsEntry(str(address.ip), names))
    return tuple(entries)


def notices(directory: Directory) -> tuple[str, ...]:
    """What was decided for the user, or looks as if it was not meant."""
    return (
        *_without_links(directory),
        *_without_ipv6(directory),
        *_mixed_mtus(directory),
        *_several_bridges(directory),
        *_unreachable(directory),
    )


def _pools(draft: Draft, problems: Problems) -> Pools:
    given = draft.lab.addressing
    pools = Pools(ipv4_prefix=given.ipv4_prefix)
    for key, version, longest in (("ipv4", 4, 30), ("ipv6", 6, 64)):
        pool = getattr(given, key)
        if pool is None:
            continue
        if pool.version != version:
            problems.add(("addressing", key), f"{pool} is no pool of IPv{version}")
        elif pool.prefixlen > longest:
            problems.add(
                ("addressing", key), f"the pool {pool} is too small", f"/{longest} at least"
            )
        elif version == 4:
            pools = replace(pools, ipv4=pool)
        else:
            pools = replace(pools, ipv6=pool)
    return pools


def _link(wire: Wire, addresses: addressing.Addresses) -> Link:
    ends = tuple(End(port.node, port.interface) for port in wire.ports)
    return Link(wire.name, wire.kind, ends, addresses.subnets[wire.name], wire.impairments)


def _node(draft: NodeDraft, interfaces: list[Interface], where: str) -> Node:
    """Interfaces stand as the node declares them, then in the order of its links."""
    declared = list(draft.interfaces)
    order = {name: number for number, name in enumerate(declared)}
    interfaces.sort(key=lambda interface: order.get(interface.name, len(order)))
    return Node(
        name=draft.name,
        role=draft.role,
        interfaces=tuple(interfaces),
        sysctls=tuple(draft.sysctls.items()),
        congestion=draft.congestion,
        stack=draft.stack,
        tcp_info=draft.tcp_info,
        variables=draft.variables,
        where=where,
    )


def _without_links(directory: Directory) -> list[str]:
    alone = [node.name for node in directory.nodes if not node.interfaces]
    return [f"{_listed(alone)} {_has(alone)} no link"] if alone else []


def _without_ipv6(directory: Directory) -> list[str]:
    by_mtu: dict[int, list[str]] = defaultdict(list)
    for node in directory.nodes:
        for interface in node.interfaces:
            if not interface.has_ipv6:
                by_mtu[interface.mtu].append(f"{node.name}:{interface.name}")
    return [
        f"{_listed(ends)} {_has(ends)} MTU {mtu} and so IPv4 only: IPv6 needs {MIN_IPV6_MTU} "
        "(RFC 8200 section 5)"
        for mtu, ends in by_mtu.items()
    ]


def _mixed_mtus(directory: Directory) -> list[str]:
    said = []
    for link in directory.links:
        mtus = {str(end): directory.interface(end).mtu for end in link.ends}
        if len(set(mtus.values())) > 1:
            ends = _listed([f"{end} {mtu}" for end, mtu in mtus.items()])
            said.append(f"the ends of the link '{link.name}' have different MTUs: {ends}")
    return said


def _several_bridges(directory: Directory) -> list[str]:
    lans = [link for link in directory.links if link.kind is LinkKind.LAN]
    said = [bridging_notice(link.name, len(link.ends)) for link in lans]
    return [text for text in said if text is not None]


def _unreachable(directory: Directory) -> list[str]:
    islands = routing.islands(directory.nodes, directory.links)
    if len(islands) < 2:
        return []
    first, *others = islands
    order = [node.name for node in directory.nodes]
    said = []
    for other in others:
        here = [name for name in order if name in first - other]
        there = [name for name in order if name in other - first]
        if here and there:
            said.append(f"{_listed(there)} cannot reach {_listed(here)}: no router joins them")
    return said


def _has(names: list[str]) -> str:
    return "has" if len(names) == 1 else "have"


def _listed(names: list[str]) -> str:
    shown = names[:_NAMED_AT_MOST]
    more = len(names) - len(shown)
    if more:
        return f"{', '.join(shown)} and {more} more"
    *most, last = shown
    return f"{', '.join(most)} and {last}" if most else last
