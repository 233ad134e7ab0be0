"""The routing table: longest prefix first, then the lowest metric (RFC 1812, 5.2.4.3)."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import dataclass

from netlab.stack.deadlines import Deadlines
from netlab.stack.failure import failure
from netlab.stack.ip.addresses import network
from netlab.stack.units import SECOND

#: How long a redirect is followed, and how many are remembered; as Linux does.
REDIRECT_LIFETIME = 300 * SECOND
MAX_REDIRECTS = 1024


@dataclass(frozen=True, slots=True)
class Route:
    """To ``prefix``/``prefix_length`` through ``interface``, by ``gateway`` if there is one.

    ``source`` is the preferred source address, ``mtu`` a limit below the interface's.
    """

    prefix: bytes
    prefix_length: int
    interface: str
    gateway: bytes | None = None
    metric: int = 0
    source: bytes | None = None
    mtu: int | None = None

    def next_hop(self, destination: bytes) -> bytes:
        return self.gateway or destination


class Routes:
    """The table of a host, both versions of IP. Redirects are exceptions for one destination."""

    __slots__ = ("_by_length", "_lengths", "_redirect_deadlines", "_redirects", "version")

    def __init__(self) -> None:
        #: (address length, prefix length) -> prefix -> routes, best first.
        self._by_length: dict[tuple[int, int], dict[bytes, list[Route]]] = {}
        #: address length -> its prefix lengths, longest first.
        self._lengths: dict[int, list[int]] = {4: [], 16: []}
        self._redirects: dict[bytes, Route] = {}
        #: Another number after every change.
        self.version = 0
        self._redirect_deadlines: Deadlines[bytes] = Deadlines()

    def __iter__(self) -> Iterator[Route]:
        """All routes, redirects last."""
        for prefixes in self._by_length.values():
            for routes in prefixes.values():
                yield from routes
        yield from self._redirects.values()

    def add(self, route: Route) -> None:
        """ValueError if host bits of the prefix are set."""
        prefix, length = route.prefix, route.prefix_length
        if network(prefix, length) != prefix:
            raise ValueError(f"{prefix.hex()}/{length} has host bits")
        size = len(prefix)
        routes = self._by_length.setdefault((size, length), {}).setdefault(prefix, [])
        if route not in routes:
            routes.append(route)
            routes.sort(key=lambda r: r.metric)
        self._remember_lengths()

    def remove(self, route: Route) -> None:
        size, length = len(route.prefix), route.prefix_length
        prefixes = self._by_length.get((size, length), {})
        routes = prefixes.get(route.prefix, [])
        if route in routes:
            routes.remove(route)
            if not routes:
                del prefixes[route.prefix]
        self._remember_lengths()

    def forget_redirects(self, name: str) -> None:
        """Those through an interface."""
        for destination in [d for d, r in self._redirects.items() if r.interface == name]:
            self._forget_redirect(destination)

    def find(self, destination: bytes, *, interface: str | None = None) -> Route:
        """The best route, of those through ``interface`` if given; OSError(ENETUNREACH)."""
        redirect = self._redirects.get(destination)
        if redirect is not None and interface in {None, redirect.interface}:
            return redirect
        size = len(destination)
        for length in self._lengths[size]:
            routes = self._by_length[size, length].get(network(destination, length), ())
            for route in routes:
                if interface in {None, route.interface}:
                    return route
        raise failure(errno.ENETUNREACH)

    def redirect(self, now: int, destination: bytes, gateway: bytes, interface: str) -> None:
        """Reach one destination by another router, or, if that is itself, without one."""
        if destination not in self._redirects and len(self._redirects) >= MAX_REDIRECTS:
            self._forget_redirect(next(iter(self._redirects)))
        by = None if gateway == destination else gateway
        self.version += 1
        self._redirects[destination] = Route(destination, 8 * len(destination), interface, by)
        self._redirect_deadlines.set(destination, now + REDIRECT_LIFETIME)

    def forget_gateway(self, gateway: bytes) -> None:
        """Redirects to a router that does not answer are of no use (RFC 1122, 3.3.1.5)."""
        for destination in [d for d, r in self._redirects.items() if r.gateway == gateway]:
            self._forget_redirect(destination)

    def next_timeout(self) -> int | None:
        return self._redirect_deadlines.next()

    def handle_timeout(self, now: int) -> None:
        for destination in self._redirect_deadlines.expired(now):
            self._forget_redirect(destination)

    def _forget_redirect(self, destination: bytes) -> None:
        self.version += 1
        self._redirects.pop(destination, None)
        self._redirect_deadlines.cancel(destination)

    def _remember_lengths(self) -> None:
        self.version += 1
        for size in self._lengths:
            known = {
                length for (of, length), found in self._by_length.items() if of == size and found
            }
            self._lengths[size] = sorted(known, reverse=True)
