"""Datagrams to many: multicast groups, broadcast, and the errors that sockets hear of."""

from __future__ import annotations

from dataclasses import dataclass

from netlab.topology.steps.base import NodeStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership(NodeStep):
    """The socket ``name`` joins or leaves ``group`` on ``interface``."""

    name: str
    group: str
    interface: str
    join: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Multicast(NodeStep):
    """How the socket sends to groups: how far, from where, and whether its own node hears it."""

    name: str
    ttl: int | None = None
    loop: bool | None = None
    interface: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast(NodeStep):
    """The socket may send to broadcast addresses (SO_BROADCAST)."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HearErrors(NodeStep):
    """The socket is told of every ICMP error, soft ones too (IP_RECVERR)."""

    name: str
