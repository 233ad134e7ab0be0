"""What a node finds out about the network, and what it tells others about it."""

from __future__ import annotations

from dataclasses import dataclass

from netlab.topology.steps.base import NodeStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping(NodeStep):
    """``count`` ICMP echoes of ``size`` bytes of data; ``timeout`` for the last reply.

    ``df`` None lets the packets be fragmented where they start, and sets no DF.
    """

    name: str
    host: str
    address: str
    count: int = 3
    size: int = 56
    interval: float = 0.01
    timeout: float = 1.0
    ttl: int | None = None
    df: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Traceroute(NodeStep):
    """One probe a hop, ``most`` hops at most, ``timeout`` seconds for each."""

    name: str
    host: str
    address: str
    method: str = "udp"  # udp, icmp
    most: int = 30
    timeout: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Observe(NodeStep):
    """A user process with raw ICMP sockets tells what it hears, until it is stopped."""

    name: str
    errors_only: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StopObserving(NodeStep):
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Advertise(NodeStep):
    """Send one router advertisement of ``prefix`` from ``interface``; ``lifetime`` in seconds."""

    name: str
    prefix: str
    interface: str
    lifetime: float
    router: bool = True
