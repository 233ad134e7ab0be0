"""How a datagram leaves: source address, route, size, neighbour (RFC 1122, 3.3.1; RFC 6724)."""

from __future__ import annotations

import errno
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from random import Random
from zlib import crc32

from netlab.stack.failure import failure
from netlab.stack.ip import addresses, sources
from netlab.stack.ip.counters import Counted
from netlab.stack.ip.datagram import Buffer, IpHeader, Outbound, Segmentation
from netlab.stack.ip.filters import Filters
from netlab.stack.ip.flow_labels import FlowLabels
from netlab.stack.ip.fragments import fragment_ipv4, fragment_ipv6
from netlab.stack.ip.interface import QUEUE_LIMIT, Interface
from netlab.stack.ip.pmtu import PathMtus
from netlab.stack.ip.routes import Route, Routes
from netlab.wire.ethernet import BROADCAST
from netlab.wire.ipv4 import Ipv4

#: Datagrams that wait to come in again, at the host that sent them.
LOOPBACK_LIMIT = 1000
#: The most payload of a segment that is cut later, so that one header can say its length.
MAX_SUPER_SEGMENT = 65535 - 40 - 60
#: Destinations whose way is remembered.
MAX_WAYS = 4096

_IDENTIFICATIONS = 256


@dataclass(frozen=True, slots=True)
class Way:
    """Where a datagram goes first. ``mtu`` is what the whole path carries, as far as is known."""

    interface: Interface
    next_hop: bytes
    mtu: int
    route: Route | None = None


@dataclass(frozen=True, slots=True)
class Looped:
    """A datagram of ours to ourselves."""

    interface: Interface
    datagram: bytes
    is_for_many: bool = False


class Sender:
    """The way out. It also is what TCP asks about paths: source_for, mtu, send_limit."""

    def __init__(
        self,
        interfaces: Mapping[str, Interface],
        routes: Routes,
        path_mtus: PathMtus,
        random: Random,
        counters: Counter[Counted],
        *,
        filters: Filters,
    ) -> None:
        self._interfaces = interfaces
        self._routes = routes
        self._path_mtus = path_mtus
        self._random = random
        self._counters = counters
        self._filters = filters
        #: Every unicast address of the host; packets to them never leave it.
        self.own: dict[bytes, Interface] = {}
        self.looped: deque[Looped] = deque()
        self._ways: dict[tuple[bytes, str | None], Way] = {}
        self._version = self._ways_version = 0
        self._identifications = [random.getrandbits(32) for _ in range(_IDENTIFICATIONS)]
        self.flow_labels = FlowLabels(random)

    def is_own(self, address: bytes) -> bool:
        return address in self.own or addresses.is_loopback(address)

    def way(self, destination: bytes, interface: str | None = None) -> Way:
        """The first hop to a destination.

        OSError: ENETUNREACH, ENODEV; EINVAL for a link-local one that may be on several links.
        """
        version = self._routes.version + self._path_mtus.version + self._version
        if version != self._ways_version:
            self._ways.clear()
            self._ways_version = version
        key = destination, interface
        way = self._ways.get(key)
        if way is None:
            if interface is None and addresses.scope(destination) == addresses.Scope.LINK:
                return self._find_way(destination, self._only_interface(destination))
            if len(self._ways) >= MAX_WAYS:
                del self._ways[next(iter(self._ways))]
            way = self._ways[key] = self._find_way(destination, interface)
        return way

    def forget_ways(self) -> None:
        """An interface carries more or less than before, or there is another one."""
        self._version += 1

    def _find_way(self, destination: bytes, interface: str | None) -> Way:
        if interface is not None and interface not in self._interfaces:
            raise failure(errno.ENODEV)
        try:
            route: Route | None = self._routes.find(destination, interface=interface)
        except OSError:
            if interface is None or not self._needs_no_route(destination):
                raise
            route = None
        if route is not None:
            out, next_hop = self._interfaces[route.interface], route.next_hop(destination)
        else:
            out, next_hop = self._interfaces[interface or ""], destination
        if self._needs_no_route(destination):
            next_hop = destination
        mtu = out.mtu_for(destination)
        if route is not None and route.mtu is not None:
            mtu = min(route.mtu, mtu)
        return Way(out, next_hop, self._path_mtus.get(destination, mtu), route)

    def source_for(self, destination: bytes, interface: str | None = None) -> bytes:
        """The source address of a datagram; OSError: ENETUNREACH, EADDRNOTAVAIL, EINVAL."""
        if self.is_own(destination):
            return destination
        way = self.way(destination, interface)
        if way.route is not None and way.route.source is not None:
            return way.route.source
        if len(destination) == 4:
            return self.source_on(way)
        return self.source_at(way.interface.name, destination)

    def source_at(self, interface: str, destination: bytes) -> bytes:
        """The IPv6 address by which an interface is known there; OSError(EADDRNOTAVAIL)."""
        interfaces = self._interfaces
        return sources.for_ipv6(destination, interfaces[interface], interfaces.values())

    def source_on(self, way: Way) -> bytes:
        """The IPv4 address on the way out; OSError(EADDRNOTAVAIL)."""
        return sources.for_ipv4(way.next_hop, way.interface, self._interfaces.values())

    def mtu(self, destination: bytes, *, ignore_path: bool = False) -> int:
        """What the path to it carries, or the first link; OSError as way()."""
        if self.is_own(destination):
            return 65535
        way = self.way(destination)
        return way.interface.mtu_for(destination) if ignore_path else way.mtu

    def send_limit(self, destination: bytes) -> int:
        """The most payload to hand over at once: what is more than the MTU is cut on its way."""
        return MAX_SUPER_SEGMENT

    def segments(self, destination: bytes) -> bool:
        """Whether what is longer than the MTU need not be cut here; OSError as way()."""
        return self.is_own(destination) or self.way(destination).interface.segments

    def hop_limit(self, destination: bytes, interface: str | None = None) -> int:
        """64, or over IPv6 what routers advertise."""
        if len(destination) == 4 or self.is_own(destination):
            return 64
        return self.way(destination, interface).interface.hop_limit

    def send(
        self,
        now: int,
        ip: IpHeader,
        payload: Buffer,
        *,
        interface: str | None = None,
        head: bytes = b"",
        segmentation: Segmentation | None = None,
        may_fragment: bool = True,
        ignore_path_mtu: bool = False,
        loop: bool = True,
        limit: int | None = QUEUE_LIMIT,
    ) -> None:
        """Send a datagram of this host. ``head`` is a transport header in front of the payload.

        ``may_fragment=False`` keeps the source from it; DF keeps routers, too. ``ignore_path_mtu``
        lets the first link decide what fits. ``loop``: the host hears its own multicast.

        OSError: ENETUNREACH, EMSGSIZE, ENOBUFS, ENETDOWN, EINVAL; EPERM of a filter.
        """
        self._counters[Counted.OUT_REQUESTS] += 1
        destination = ip.destination
        if self.is_own(destination):
            whole = b"".join((head, payload)) if head else payload
            if self._filters.output:
                self._filters.check_out(now, ip.emit(whole))
            self._loop(self._own_interface(destination), ip.emit(whole))
            return
        try:
            way = self.way(destination, interface)
        except OSError:
            self._counters[Counted.OUT_NO_ROUTES] += 1
            raise
        if self._filters.output:
            self._filters.check_out(now, ip.emit(b"".join((head, payload))))
        identification = self.next_identification(destination) if len(destination) == 4 else 0
        if loop and self._is_heard_here(way.interface, destination):
            self._loop(way.interface, ip.emit(payload), is_for_many=True)
        mtu = way.interface.mtu_for(destination) if ignore_path_mtu else way.mtu
        length = len(head) + len(payload)
        if segmentation is not None or ip.header_length + length <= mtu:
            headers = _headers(ip, length, identification) + head
            outbound = Outbound(headers, payload, segmentation)
            self.pass_on(now, way.interface, way.next_hop, outbound, limit=limit)
            return
        if not may_fragment or (isinstance(ip, Ipv4) and ip.dont_fragment):
            self._counters[Counted.FRAGMENTS_REFUSED] += 1
            raise failure(errno.EMSGSIZE)
        if isinstance(ip, Ipv4):
            ip = replace(ip, identification=ip.identification or identification)
        self._send_fragments(now, way, ip, b"".join((head, payload)) if head else payload, limit)

    def send_whole(
        self, now: int, datagram: bytes, destination: bytes, *, interface: str | None = None
    ) -> None:
        """Send a datagram as it is to ``destination``, whatever its header says.

        OSError as send; EMSGSIZE for what the first link does not carry.
        """
        self._counters[Counted.OUT_REQUESTS] += 1
        if self._filters.output:
            self._filters.check_out(now, datagram)
        if self.is_own(destination):
            self._loop(self._own_interface(destination), datagram)
            return
        way = self.way(destination, interface)
        if len(datagram) > way.interface.mtu_for(destination):
            raise failure(errno.EMSGSIZE)
        self.pass_on(now, way.interface, way.next_hop, Outbound(datagram))

    def send_pieces(
        self,
        now: int,
        ip: IpHeader,
        pieces: Iterable[tuple[bytes, Buffer]],
        *,
        ignore_path_mtu: bool = False,
    ) -> None:
        """Send datagrams that fit and differ in payload alone: transport headers, and data.

        OSError as send; what is asked of tables is asked once.
        """
        destination = ip.destination
        way = self.way(destination)
        interface = way.interface
        mac = interface.neighbours.mac_of(now, way.next_hop)
        link = interface.link_header(mac, ip.version) if mac else b""
        mtu = interface.mtu_for(destination) if ignore_path_mtu else way.mtu
        room = mtu - ip.header_length
        for head, payload in pieces:
            if not link or len(head) + len(payload) > room or self._filters.output:
                self.send(now, ip, payload, head=head, limit=None, ignore_path_mtu=ignore_path_mtu)
                continue
            self._counters[Counted.OUT_REQUESTS] += 1
            number = self.next_identification(destination) if len(destination) == 4 else 0
            headers = _headers(ip, len(head) + len(payload), number)
            interface.transmit_frame(link + headers + head, payload, limit=None)

    def pass_on(
        self,
        now: int,
        interface: Interface,
        next_hop: bytes,
        outbound: Outbound,
        *,
        limit: int | None = QUEUE_LIMIT,
    ) -> None:
        """Give a datagram that fits the link to the neighbour, once its address is known."""
        if addresses.is_multicast(next_hop):
            mac: bytes | None = addresses.multicast_mac(next_hop)
        elif next_hop in interface.broadcasts:
            mac = BROADCAST
        else:
            mac = interface.neighbours.mac_of(now, next_hop)
        try:
            interface.check_up()
            if mac is None:
                interface.neighbours.wait(now, next_hop, outbound)
            else:
                interface.transmit(mac, outbound, limit=limit)
        except OSError:
            self._counters[Counted.OUT_DISCARDS] += 1
            raise

    def _send_fragments(
        self, now: int, way: Way, ip: IpHeader, payload: Buffer, limit: int | None
    ) -> None:
        pieces: Iterable[tuple[IpHeader, Buffer]]
        if isinstance(ip, Ipv4):
            pieces = fragment_ipv4(ip, payload, way.mtu)
        else:
            identification = self.next_identification(ip.destination)
            pieces = fragment_ipv6(ip, payload, way.mtu, identification)
        self._counters[Counted.FRAGMENTED] += 1
        for header, data in pieces:
            self._counters[Counted.FRAGMENTS_CREATED] += 1
            piece = Outbound(header.emit_header(len(data)), data)
            self.pass_on(now, way.interface, way.next_hop, piece, limit=limit)

    def _loop(self, interface: Interface, datagram: bytes, *, is_for_many: bool = False) -> None:
        if len(self.looped) >= LOOPBACK_LIMIT:
            raise failure(errno.ENOBUFS)
        self.looped.append(Looped(interface, datagram, is_for_many))

    def _own_interface(self, address: bytes) -> Interface:
        return self.own.get(address) or next(iter(self._interfaces.values()))

    @staticmethod
    def _is_heard_here(interface: Interface, destination: bytes) -> bool:
        return destination in interface.groups or destination in interface.broadcasts

    def _needs_no_route(self, destination: bytes) -> bool:
        return (
            addresses.is_multicast(destination)
            or addresses.is_link_local(destination)
            or destination == addresses.LIMITED_BROADCAST
        )

    def _only_interface(self, destination: bytes) -> str | None:
        """Where a link-local destination without a scope is: on the one link, or a known neighbour.

        A segment of TCP has no scope, and answers whom it has heard.
        """
        if len(destination) == 4:
            return None
        links = [i for i in self._interfaces.values() if i.has_ipv6]
        names = [i.name for i in links if i.neighbours.get(destination)] or [i.name for i in links]
        if len(names) == 1:
            return names[0]
        raise failure(errno.EINVAL)

    def next_identification(self, destination: bytes) -> int:
        """Rising for each destination, from a random start (RFC 6864, 4.3; RFC 7739)."""
        bucket = crc32(destination) % _IDENTIFICATIONS
        value = (self._identifications[bucket] + 1) & (
            0xFFFF if len(destination) == 4 else 0xFFFFFFFF
        )
        self._identifications[bucket] = value = value or 1
        return value


def _headers(ip: IpHeader, length: int, identification: int) -> bytes:
    if isinstance(ip, Ipv4):
        return ip.emit_header(length, ip.identification or identification)
    return ip.emit_header(length)
