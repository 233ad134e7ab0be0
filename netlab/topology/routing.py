"""Static routes: routers know the shortest way to every subnet, hosts know their routers.

A host never forwards, however many links it has. A table of many routes is summarised: neighbouring
subnets with the same next hop are one route to a shorter prefix (RFC 4632 section 5).
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, summarize_address_range
from itertools import chain, pairwise

from netlab.topology.plan import Interface, IPInterface, IPNetwork, Link, Node, Route

_DEFAULT: dict[int, IPNetwork] = {4: IPv4Network("0.0.0.0/0"), 6: IPv6Network("::/0")}

#: A node with more routes of one version to single subnets has them summarised; a reader of a
#: small lab finds each of its subnets in each table.
MOST_SINGLE_ROUTES = 32


@dataclass(frozen=True, slots=True)
class _Hop:
    """A neighbouring router as one interface of a node reaches it."""

    router: str
    address: str
    interface: str


_Way = tuple[IPNetwork, _Hop]


def routes(nodes: Iterable[Node], links: Iterable[Link]) -> dict[str, tuple[Route, ...]]:
    """The routes of each node, IPv4 first, by its name."""
    nodes, links = list(nodes), list(links)
    by_version = [_Routing(nodes, links, version) for version in (4, 6)]
    return {
        node.name: tuple(route for routing in by_version for route in routing.of(node))
        for node in nodes
    }


class _Routing:
    """The routes of one version of IP."""

    def __init__(self, nodes: list[Node], links: list[Link], version: int) -> None:
        self._version = version
        self._addresses = {
            (node.name, interface.name): _addresses(interface, version)
            for node in nodes
            for interface in node.interfaces
        }
        self._routers = {node.name for node in nodes if node.forwards}
        self._links = {link.name: link for link in links}
        self._subnets = {
            link.name: [subnet for subnet in link.subnets if subnet.version == version]
            for link in links
        }
        self._block_length = _block_length(chain.from_iterable(self._subnets.values()))
        self._on_link = {link.name: self._routers_on(link) for link in links}
        self._neighbours = self._adjacent()
        self._distances = {link.name: self._distances_to(link.name) for link in links}

    def of(self, node: Node) -> Iterable[Route]:
        here = {i.link for i in node.interfaces if self._addresses[node.name, i.name]}
        elsewhere = [link for link in self._subnets if link not in here]
        if node.forwards and not elsewhere:
            return
        hops = [hop for interface in node.interfaces for hop in self._hops(node, interface)]
        if not hops:
            return
        chosen = None
        if not node.forwards:
            chosen = hops[0]
            yield Route(_DEFAULT[self._version], chosen.address, chosen.interface)
            if len(hops) == 1:
                return
        ways = [
            (subnet, best)
            for link in elsewhere
            if (best := self._best(hops, link)) is not None and best != chosen
            for subnet in self._subnets[link]
        ]
        if len(ways) > MOST_SINGLE_ROUTES:
            ways = list(self._summarised(ways))
        for subnet, hop in ways:
            yield Route(subnet, hop.address, hop.interface)

    def _summarised(self, ways: list[_Way]) -> Iterable[_Way]:
        by_hop: dict[_Hop, list[tuple[int, int]]] = defaultdict(list)
        for subnet, hop in ways:
            length = min(subnet.prefixlen, self._block_length)
            size = 1 << (subnet.max_prefixlen - length)
            start = int(subnet.network_address) & -size
            by_hop[hop].append((start, start + size - 1))
        make = type(ways[0][0].network_address)
        for hop, spans in by_hop.items():
            for first, last in _joined(spans):
                for block in summarize_address_range(make(first), make(last)):
                    yield block, hop

    def _best(self, hops: list[_Hop], link: str) -> _Hop | None:
        """The first of the hops that are nearest to ``link``; None if none gets there."""
        distances = self._distances[link]
        reaching = [hop for hop in hops if hop.router in distances]
        return min(reaching, key=lambda hop: distances[hop.router], default=None)

    def _hops(self, node: Node, interface: Interface) -> Iterable[_Hop]:
        networks = {a.network for a in self._addresses[node.name, interface.name]}
        for router, addresses in self._on_link[interface.link]:
            shared = next((a for a in addresses if a.network in networks), None)
            if router != node.name and shared is not None:
                yield _Hop(router, str(shared.ip), interface.name)

    def _routers_on(self, link: Link) -> list[tuple[str, list[IPInterface]]]:
        return [
            (end.node, addresses)
            for end in link.ends
            if end.node in self._routers and (addresses := self._addresses[end.node, end.interface])
        ]

    def _adjacent(self) -> dict[str, set[str]]:
        neighbours: dict[str, set[str]] = defaultdict(set)
        for on_link in self._on_link.values():
            names = {router for router, _ in on_link}
            for router in names:
                neighbours[router] |= names - {router}
        return neighbours

    def _distances_to(self, link: str) -> dict[str, int]:
        """How many routers away from ``link`` each router is; those on it are 0 away."""
        distances = {router: 0 for router, _ in self._on_link[link]}
        queue = deque(distances)
        while queue:
            router = queue.popleft()
            for neighbour in self._neighbours[router]:
                if neighbour not in distances:
                    distances[neighbour] = distances[router] + 1
                    queue.append(neighbour)
        return distances


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same addresses in as few spans as there are gaps between them."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined


def _block_length(subnets: Iterable[IPNetwork]) -> int:
    """The length of the shortest prefixes that still tell all subnets apart.

    IPv6 subnets are longer than what each has to itself: fd00:1::/64 is alone in fd00:1::/32. An
    address there that no link has is sent to the router that could have it, which knows no route.
    """
    starts = sorted({(int(subnet.network_address), subnet.max_prefixlen) for subnet in subnets})
    shared = [size - (one ^ other).bit_length() for (one, size), (other, _) in pairwise(starts)]
    return max(shared, default=0) + 1


def _addresses(interface: Interface, version: int) -> list[IPInterface]:
    return [address for address in interface.addresses if address.version == version]


def islands(nodes: Iterable[Node], links: Iterable[Link]) -> list[frozenset[str]]:
    """The nodes of each part of the lab that no router joins to the other parts."""
    parent = {link.name: link.name for link in links}

    def root(link: str) -> str:
        while parent[link] != link:
            parent[link] = parent[parent[link]]
            link = parent[link]
        return link

    nodes = list(nodes)
    for node in nodes:
        if node.forwards:
            for interface in node.interfaces[1:]:
                parent[root(interface.link)] = root(node.interfaces[0].link)
    members: dict[str, set[str]] = defaultdict(set)
    for node in nodes:
        for interface in node.interfaces:
            members[root(interface.link)].add(node.name)
    return [frozenset(names) for names in members.values()]
