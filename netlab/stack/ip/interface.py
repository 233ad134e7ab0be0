"""One interface of a host: what it is called, what it can carry, and the addresses it has."""

from __future__ import annotations

import errno
from collections import deque
from dataclasses import dataclass
from enum import Enum
from random import Random

from netlab.stack.failure import failure
from netlab.stack.ip import addresses
from netlab.stack.ip.datagram import Buffer, Frame, Outbound, Segmentation
from netlab.stack.ip.filters import Filters
from netlab.stack.ip.neighbours import Neighbours, Resolver
from netlab.wire import ipv4, ipv6
from netlab.wire.ethernet import Ethernet

#: Frames that wait for the driver, as Linux' txqueuelen.
QUEUE_LIMIT = 1000
#: RFC 791, 3.2, and RFC 8200, section 5.
MIN_MTU_V4, MIN_MTU_V6 = 68, 1280
MAX_MTU = 65535
#: Addresses that routers may give by advertisements, as Linux' max_addresses.
MAX_ADDRESSES = 16


class AddressState(Enum):
    """RFC 4862, section 2, and what became of duplicate address detection."""

    TENTATIVE = "tentative"
    PREFERRED = "preferred"
    DEPRECATED = "deprecated"
    DUPLICATED = "duplicated"


@dataclass(slots=True)
class Assigned:
    """An address of an interface. ``valid_until`` and ``preferred_until`` in ns, None for ever."""

    address: bytes
    prefix_length: int
    state: AddressState = AddressState.PREFERRED
    preferred_until: int | None = None
    valid_until: int | None = None

    @property
    def is_usable(self) -> bool:
        return self.state is AddressState.PREFERRED or self.state is AddressState.DEPRECATED

    def is_on_link(self, address: bytes) -> bool:
        """Whether the other address is of the same network."""
        own, length = self.address, self.prefix_length
        return len(own) == len(address) and addresses.network(own, length) == addresses.network(
            address, length
        )


class Interface:
    """``segments``: the driver cuts and sums up what is larger than the MTU, up to 64 KiB."""

    __slots__ = (
        "accepts_advertisements",
        "assigned",
        "broadcasts",
        "dropped",
        "filters",
        "groups",
        "hop_limit",
        "index",
        "is_up",
        "mac",
        "macs",
        "mtu",
        "mtu_v6",
        "name",
        "neighbours",
        "queue",
        "segments",
    )

    def __init__(
        self,
        name: str,
        mac: bytes,
        mtu: int,
        *,
        index: int,
        resolver: Resolver,
        random: Random,
        filters: Filters,
        segments: bool = False,
    ) -> None:
        self.set_mtu(mtu)
        self.name = name
        self.mac = mac
        self.index = index
        self.segments = segments
        self.filters = filters
        self.is_up = True
        self.hop_limit = 64
        #: Whether it makes addresses and routes of what routers say.
        self.accepts_advertisements = False
        self.assigned: dict[bytes, Assigned] = {}
        self.broadcasts: frozenset[bytes] = frozenset({addresses.LIMITED_BROADCAST})
        #: The groups this interface is a member of, and how often each was joined.
        self.groups: dict[bytes, int] = {}
        #: The link-layer addresses it listens to: its own, broadcast, and its groups'.
        self.macs: frozenset[bytes] = frozenset({mac, b"\xff" * 6})
        self.neighbours = Neighbours(resolver, random)
        self.queue: deque[Frame] = deque()
        self.dropped = 0

    def __repr__(self) -> str:
        return f"<Interface {self.name}>"

    @property
    def has_ipv6(self) -> bool:
        """RFC 8200, section 5: a link that carries less than 1280 bytes has no IPv6."""
        return self.mtu >= MIN_MTU_V6

    @property
    def link_local(self) -> bytes | None:
        """Its own IPv6 address of the link."""
        own = (a.address for a in self.usable(16))
        return next((a for a in own if addresses.is_link_local(a)), None)

    def usable(self, size: int) -> list[Assigned]:
        """Its addresses of ``size`` bytes that datagrams may come from."""
        return [a for a in self.assigned.values() if a.is_usable and len(a.address) == size]

    def set_mtu(self, mtu: int) -> None:
        """ValueError for less or more than an interface can have."""
        if not MIN_MTU_V4 <= mtu <= MAX_MTU:
            raise ValueError(f"mtu {mtu} is not from {MIN_MTU_V4} to {MAX_MTU}")
        self.mtu = mtu
        #: A smaller one that routers advertise for IPv6.
        self.mtu_v6 = mtu

    def mtu_for(self, destination: bytes) -> int:
        return self.mtu if len(destination) == 4 else min(self.mtu, self.mtu_v6)

    def assign(self, assigned: Assigned) -> None:
        self.assigned[assigned.address] = assigned
        self._listen()

    def withdraw(self, address: bytes) -> None:
        self.assigned.pop(address, None)
        self._listen()

    def join(self, group: bytes) -> bool:
        """Whether it was not a member yet."""
        self.groups[group] = self.groups.get(group, 0) + 1
        self._listen()
        return self.groups[group] == 1

    def leave(self, group: bytes) -> bool:
        """Whether it is a member no longer."""
        left = self.groups.get(group, 0) - 1
        if left > 0:
            self.groups[group] = left
            return False
        self.groups.pop(group, None)
        self._listen()
        return left == 0

    def on_link(self, address: bytes) -> Assigned | None:
        """The own address whose network the other one is of, the longest prefix first."""
        matching = [a for a in self.assigned.values() if a.is_usable and a.is_on_link(address)]
        return max(matching, key=lambda a: a.prefix_length, default=None)

    def check_up(self) -> None:
        """OSError(ENETDOWN)."""
        if not self.is_up:
            raise failure(errno.ENETDOWN)

    def transmit(
        self, destination: bytes, outbound: Outbound, *, limit: int | None = QUEUE_LIMIT
    ) -> None:
        """Queue a datagram. OSError: ENETDOWN, or ENOBUFS when ``limit`` frames are waiting."""
        link = self.link_header(destination, outbound.head[0] >> 4)
        self.transmit_frame(
            link + outbound.head, outbound.payload, outbound.segmentation, limit=limit
        )

    def link_header(self, destination: bytes, version: int) -> bytes:
        """What stands in front of datagrams of IP version 4 or 6."""
        kind = ipv4.ETHERTYPE if version == 4 else ipv6.ETHERTYPE
        return Ethernet(destination, self.mac, kind).emit()

    def announce(self, destination: bytes, datagram: bytes) -> None:
        """Queue what a protocol of the link tells its neighbours, unless a filter stops it."""
        if not self.filters.output or self.filters.lets_out(datagram):
            self.transmit(destination, Outbound(datagram), limit=None)

    def transmit_frame(
        self,
        head: bytes,
        payload: Buffer = b"",
        segmentation: Segmentation | None = None,
        *,
        limit: int | None = QUEUE_LIMIT,
    ) -> None:
        """Queue a frame, of whose headers at least that of the link is in ``head``."""
        self.check_up()
        if limit is not None and len(self.queue) >= limit:
            self.dropped += 1
            raise failure(errno.ENOBUFS)
        self.queue.append(Frame(self.name, head, payload, segmentation))

    def _listen(self) -> None:
        own = self.assigned.values()
        directed = (addresses.directed_broadcast(a.address, a.prefix_length) for a in own)
        self.broadcasts = frozenset(
            {addresses.LIMITED_BROADCAST, *(address for address in directed if address)}
        )
        groups = map(addresses.multicast_mac, self.groups)
        self.macs = frozenset({self.mac, b"\xff" * 6, *groups})
