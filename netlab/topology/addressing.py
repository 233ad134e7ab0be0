"""Subnets for links, addresses and MACs for interfaces: the same file gives the same ones.

Link number n gets 10.0.n.0/24 and fd00:n::/64, in file order, and its ends count from 1. What the
file gives by hand comes first and the pools step around it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
)

from netlab.topology.marks import Path
from netlab.topology.plan import IPInterface, IPNetwork
from netlab.topology.problems import Problems
from netlab.topology.resolve.links import Port, Wire

IPAddress = IPv4Address | IPv6Address

MIN_IPV6_MTU = 1280  # RFC 8200 section 5

VERSIONS = (4, 6)

_THIS_NETWORK = IPv4Network("0.0.0.0/8")  # RFC 1122 section 3.2.1.3

DEFAULT_IPV4 = IPv4Network("10.0.0.0/8")
DEFAULT_IPV6 = IPv6Network("fd00::/16")


@dataclass(frozen=True, slots=True)
class Pools:
    """``ipv4_prefix`` is how long the prefixes are that are carved from ``ipv4``."""

    ipv4: IPv4Network = DEFAULT_IPV4
    ipv6: IPv6Network = DEFAULT_IPV6
    ipv4_prefix: int = 24


@dataclass(frozen=True, slots=True)
class Addresses:
    """The subnets of each link by its name, the addresses of each (node, interface); IPv4 first."""

    subnets: dict[str, tuple[IPNetwork, ...]]
    interfaces: dict[tuple[str, str], tuple[IPInterface, ...]]


def assign(wires: list[Wire], pools: Pools, problems: Problems) -> Addresses:
    """Problems are subnets that overlap, pools too small, and addresses that cannot be."""
    given = {(w.name, v): _given_subnets(w, v, problems) for w in wires for v in VERSIONS}
    _check_overlaps(wires, given, problems)
    carver = _Carver(pools, [network for networks in given.values() for network in networks])
    hosts = _Hosts(wires, problems)
    subnets: dict[str, tuple[IPNetwork, ...]] = {}
    for wire in wires:
        networks = {version: given[wire.name, version] for version in VERSIONS}
        missing = [v for v in VERSIONS if not networks[v] and _carries(wire, v)]
        carved = carver.carve(len(wire.ports), missing) if missing else ()
        if carved is None:
            _no_room(wire, pools, missing, problems)
            carved = ()
        networks |= {network.version: (network,) for network in carved}
        for version in VERSIONS:
            hosts.settle(wire, networks[version], version)
        subnets[wire.name] = networks[4] + networks[6]
    return Addresses(subnets, hosts.addresses)


def macs(wires: list[Wire], problems: Problems) -> dict[tuple[str, str], str]:
    """The MAC of each (node, interface): the given one, or the next locally administered one."""
    ports = [port for wire in wires for port in wire.ports]
    owners: dict[str, Port] = {}
    for port in ports:
        if port.mac is None:
            continue
        if port.mac in owners:
            message = f"the MAC {port.mac} is already that of {owners[port.mac]}"
            problems.add((*port.path, "mac"), message)
        owners[port.mac] = port
    free = (mac for mac in _local_macs() if mac not in owners)
    return {(port.node, port.interface): port.mac or next(free) for port in ports}


def _local_macs() -> Iterator[str]:
    for number in range(1, 2**32):
        yield "02:00:" + number.to_bytes(4, "big").hex(":")


def _carries(wire: Wire, version: int) -> bool:
    return version == 4 or any(port.mtu >= MIN_IPV6_MTU for port in wire.ports)


def _of(port: Port, version: int) -> tuple[IPInterface, ...]:
    return tuple(address for address in port.addresses if address.version == version)


def _given_subnets(wire: Wire, version: int, problems: Problems) -> tuple[IPNetwork, ...]:
    """The link's own, or those of the first end that has addresses by hand."""
    own = tuple(network for network in wire.subnets if network.version == version)
    first = next(filter(None, (_of(port, version) for port in wire.ports)), ())
    networks = own or tuple(dict.fromkeys(address.network for address in first))
    for port in wire.ports:
        for address in _of(port, version):
            reason = _unusable(address, port) or _misplaced(address, networks, wire)
            if reason:
                problems.add((*port.path, "address"), reason)
    return networks


def _unusable(address: IPInterface, port: Port) -> str:
    """Why an interface cannot have ``address``; nothing, if it can."""
    ip = address.ip
    if ip.is_unspecified or ip.is_loopback or ip.is_multicast:
        return f"{ip} cannot be the address of an interface"
    if isinstance(ip, IPv4Address):
        return _unusable_ipv4(ip, address.network)
    if port.mtu < MIN_IPV6_MTU:
        return f"{port} has MTU {port.mtu}, but IPv6 needs {MIN_IPV6_MTU} (RFC 8200 section 5)"
    if ip.is_link_local or ip.ipv4_mapped:
        return f"{ip} cannot be given: it belongs to the system"
    return ""


def _unusable_ipv4(ip: IPv4Address, network: IPNetwork) -> str:
    if ip.is_reserved or ip in _THIS_NETWORK:
        return f"{ip} is reserved"
    if network.prefixlen < 31 and ip == network.network_address:
        return f"{ip} is the network address of {network}"
    if network.prefixlen < 31 and ip == network.broadcast_address:
        return f"{ip} is the broadcast address of {network}"
    return ""


def _misplaced(address: IPInterface, networks: tuple[IPNetwork, ...], wire: Wire) -> str:
    if address.network in networks:
        return ""
    spelled = " and ".join(map(str, networks))
    if any(address.ip in network for network in networks):
        return f"{address} has another prefix length than {spelled} of the link {wire.name!r}"
    return f"{address} is outside {spelled}, the subnet of the link {wire.name!r}"


def _no_room(wire: Wire, pools: Pools, missing: list[int], problems: Problems) -> None:
    names = [str(pools.ipv4 if version == 4 else pools.ipv6) for version in missing]
    problems.add(
        wire.path,
        f"no room for a link of {len(wire.ports)} ends is left in {' and '.join(names)}",
        "give 'addressing' a larger pool, or the link a 'subnet'",
    )


@dataclass(frozen=True, slots=True, order=True)
class _Claim:
    """A link's claim to the numbers ``start`` to ``end`` of one version of IP."""

    version: int
    start: int
    end: int
    order: int
    network: IPNetwork
    wire: Wire = field(compare=False)


def _check_overlaps(
    wires: list[Wire],
    given: dict[tuple[str, int], tuple[IPNetwork, ...]],
    problems: Problems,
) -> None:
    claims = sorted(
        _Claim(version, *_span(network), order, network, wire)
        for order, wire in enumerate(wires)
        for version in VERSIONS
        for network in dict.fromkeys(given[wire.name, version])
    )
    widest: _Claim | None = None
    for claim in claims:
        if widest and widest.version == claim.version and claim.start <= widest.end:
            earlier, later = sorted((widest, claim), key=lambda claim: claim.order)
            problems.add(
                _subnet_path(later.wire),
                f"the subnet {later.network} of the link {later.wire.name!r} overlaps "
                f"{earlier.network} of the link {earlier.wire.name!r}",
            )
        if not widest or widest.version != claim.version or claim.end > widest.end:
            widest = claim


def _subnet_path(wire: Wire) -> Path:
    if wire.subnets:
        return (*wire.path, "subnet")
    by_hand = next((port for port in wire.ports if port.addresses), None)
    return (*by_hand.path, "address") if by_hand else wire.path


def _span(network: IPNetwork) -> tuple[int, int]:
    return int(network.network_address), int(network.broadcast_address)


class _Carver:
    """Carves subnets out of the pools, the same number in both, around ``given``."""

    def __init__(self, pools: Pools, given: list[IPNetwork]) -> None:
        self._pools = pools
        self._number = 0
        self._spans = {
            version: _merged([_span(n) for n in given if n.version == version])
            for version in VERSIONS
        }
        self._prefix4 = max(pools.ipv4_prefix, pools.ipv4.prefixlen)
        self._stride6 = min(64, pools.ipv6.prefixlen + 16)

    def carve(self, ends: int, versions: list[int]) -> tuple[IPNetwork, ...] | None:
        """None when a pool has no room."""
        prefix = min(self._prefix4, 32 - (ends + 1).bit_length())
        blocks = 1 << (self._prefix4 - prefix)
        number = -(-self._number // blocks) * blocks
        while True:
            networks = tuple(self._network(version, number, prefix) for version in versions)
            if not all(network and self._in_pool(network) for network in networks):
                return None
            if all(network and self._is_free(network) for network in networks):
                self._number = number + blocks
                return tuple(network for network in networks if network)
            number += blocks

    def _network(self, version: int, number: int, prefix: int) -> IPNetwork | None:
        if version == 4:
            base = int(self._pools.ipv4.network_address) + (number << (32 - self._prefix4))
            return IPv4Network((base, prefix)) if base < 2**32 else None
        base = int(self._pools.ipv6.network_address) + (number << (128 - self._stride6))
        return IPv6Network((base, 64)) if base < 2**128 else None

    def _in_pool(self, network: IPNetwork) -> bool:
        pool = self._pools.ipv4 if network.version == 4 else self._pools.ipv6
        (start, end), (first, last) = _span(pool), _span(network)
        return start <= first and last <= end

    def _is_free(self, network: IPNetwork) -> bool:
        spans = self._spans[network.version]
        start, end = _span(network)
        before = bisect_right(spans, (end, 2**128)) - 1
        return before < 0 or spans[before][1] < start


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


class _Hosts:
    """Gives each interface its addresses within the subnets of its link."""

    def __init__(self, wires: list[Wire], problems: Problems) -> None:
        self.addresses: dict[tuple[str, str], tuple[IPInterface, ...]] = {}
        self._problems = problems
        self._owners: dict[IPAddress, Port] = {}
        for port in (port for wire in wires for port in wire.ports):
            self.addresses[port.node, port.interface] = ()
            for address in port.addresses:
                self._claim(address, port)

    def _claim(self, address: IPInterface, port: Port) -> None:
        owner = self._owners.setdefault(address.ip, port)
        if owner is not port:
            message = f"the address {address.ip} is already that of {owner}"
            self._problems.add((*port.path, "address"), message)

    def settle(self, wire: Wire, networks: tuple[IPNetwork, ...], version: int) -> None:
        free = _free_addresses(networks[0]) if networks else iter(())
        for port in wire.ports:
            addresses = _of(port, version)
            if not addresses and networks and (version == 4 or port.mtu >= MIN_IPV6_MTU):
                ip = next((ip for ip in free if ip not in self._owners), None)
                if ip is None:
                    message = f"{networks[0]} has no address left for {port}"
                    self._problems.add(wire.path, message)
                    return
                self._owners[ip] = port
                addresses = (_with_prefix(ip, networks[0].prefixlen),)
            self.addresses[port.node, port.interface] += addresses


def _free_addresses(network: IPNetwork) -> Iterator[IPAddress]:
    """Not the subnet's own address and not its broadcast address, but on /31 both (RFC 3021)."""
    first, last = _span(network)
    spare = network.max_prefixlen - network.prefixlen
    if spare > 1:
        first += 1
        last -= network.version == 4
    make = IPv4Address if network.version == 4 else IPv6Address
    return (make(number) for number in range(first, last + 1))


def _with_prefix(ip: IPAddress, length: int) -> IPInterface:
    if isinstance(ip, IPv4Address):
        return IPv4Interface((ip, length))
    return IPv6Interface((ip, length))
