"""Packet filters of a node, resolved."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Hook(StrEnum):
    """Which packets a filter sees: those for the node, those through it, those from it."""

    INPUT = "input"
    FORWARD = "forward"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class IcmpReply:
    """An ICMP error; ``parameter`` is the MTU of 3/4 and of ICMPv6 2/0, else 0."""

    version: int  # of IP: 4 or 6
    type: int
    code: int
    parameter: int = 0


@dataclass(frozen=True, slots=True)
class PacketFilter:
    """Packets that match ``expression`` (netlab.wire.filter) do not pass ``hook``.

    ``matches`` are the expression as nftables asks it, one rule each, and ``verdict`` what nftables
    then does. ``reply`` is an answer that nftables cannot give: netlab gives it itself.
    """

    text: str  # how the report calls it
    expression: str
    hook: Hook
    matches: tuple[str, ...]
    verdict: str
    reply: IcmpReply | None = None
