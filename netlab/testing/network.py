"""Hosts of the userspace stack on links in memory, on a clock that jumps to what happens next."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from netlab.stack.host import Host
from netlab.stack.tcp.profile import LINUX, Profile
from netlab.stack.units import MILLISECOND
from netlab.wire.address import from_text
from netlab.wire.packet import Packet, decode

#: What a link makes of a frame: in how many ns which copies of it arrive.
Fate = Callable[[bytes], list[tuple[int, bytes]]]


@dataclass
class Link:
    """Everybody on it hears every frame. ``fate`` decides for each receiver."""

    ends: list[tuple[str, str]]
    delay: int = MILLISECOND
    fate: Fate | None = None
    is_up: bool = True


@dataclass
class Seen:
    """A frame as it left: when, from which ``node:interface``, and what is in it."""

    at: int
    where: str
    frame: bytes

    @property
    def packet(self) -> Packet:
        return decode(self.frame)


@dataclass
class Network:
    """``names`` are hosts; interfaces are called eth0, eth1, … in the order of their links."""

    seed: int = 0
    now: int = 0
    hosts: dict[str, Host] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._coming: list[tuple[int, int, str, str, bytes]] = []
        self._order = 0

    def add(self, name: str, *, is_router: bool = False, profile: Profile = LINUX) -> Host:
        chance = Random(f"{self.seed} {name}")  # noqa: S311 - the same in every run, as asked
        host = Host(chance, is_router=is_router, profile=profile)
        self.hosts[name] = host
        return host

    def link(self, *ends: str, mtu: int = 1500, delay: int = MILLISECOND) -> Link:
        """Connect hosts: ``a 10.0.0.1/24 fd00::1/64`` is a new interface of ``a``."""
        link = Link([], delay)
        for end in ends:
            name, *addresses = end.split()
            host = self.hosts.get(name) or self.add(name)
            interface = f"eth{len(host.ip.interfaces)}"
            mac = bytes((2, 0, 0, 0, len(self.links), len(link.ends) + 1))
            host.ip.add_interface(self.now, interface, mac, mtu)
            for text in addresses:
                address, _, length = text.partition("/")
                host.ip.add_address(self.now, interface, from_text(address), int(length))
            link.ends.append((name, interface))
        self.links.append(link)
        return link

    def deliver(self, name: str, interface: str, frame: bytes) -> None:
        """A frame that nobody here has sent."""
        self.hosts[name].receive(self.now, interface, frame)

    def run(self, *, until: int | None = None, steps: int = 100_000) -> None:
        """Play until nothing is on its way any more, or until a time, which then is now."""
        for _ in range(steps):
            self._collect()
            when = self._next(timers=until is not None)
            if when is None or (until is not None and when > until):
                self.now = self.now if until is None else until
                return
            self.now = max(self.now, when)
            self._happen()
        raise AssertionError(f"there is no end to it after {steps} steps")

    def settle(self) -> None:
        """Let hosts say what they say at the start, and forget it."""
        self.pass_(5)
        self.seen.clear()
        for host in self.hosts.values():
            while host.next_event():
                pass

    def pass_(self, seconds: float) -> None:
        """Play so long, timers and all."""
        self.run(until=self.now + round(seconds * 1e9))

    def packets(self, where: str = "") -> list[Packet]:
        """What has left, everywhere or at one ``node:interface``."""
        return [seen.packet for seen in self.seen if seen.where.startswith(where)]

    def _collect(self) -> None:
        for name, host in self.hosts.items():
            for interface, frame in host.frames_to_send(self.now):
                self.seen.append(Seen(self.now, f"{name}:{interface}", frame))
                self._spread((name, interface), frame)

    def _spread(self, origin: tuple[str, str], frame: bytes) -> None:
        for link in self.links:
            if origin not in link.ends or not link.is_up:
                continue
            for end in link.ends:
                if end == origin:
                    continue
                for delay, copy in link.fate(frame) if link.fate else [(link.delay, frame)]:
                    self._order += 1
                    heapq.heappush(self._coming, (self.now + delay, self._order, *end, copy))

    def _next(self, *, timers: bool) -> int | None:
        times = [self._coming[0][0]] if self._coming else []
        if timers:
            due = (host.next_timeout() for host in self.hosts.values())
            times += [when for when in due if when is not None]
        return min(times, default=None)

    def _happen(self) -> None:
        while self._coming and self._coming[0][0] <= self.now:
            _, _, name, interface, frame = heapq.heappop(self._coming)
            self.hosts[name].receive(self.now, interface, frame)
        for host in self.hosts.values():
            due = host.next_timeout()
            if due is not None and due <= self.now:
                host.handle_timeout(self.now)
