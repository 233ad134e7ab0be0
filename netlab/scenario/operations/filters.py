"""Packet filters as requests."""

from __future__ import annotations

from dataclasses import asdict

from netlab.scenario.operations.base import Message
from netlab.topology.filters import PacketFilter
from netlab.topology.plan import Node


def filters_request(filters: dict[int, PacketFilter], node: Node) -> Message:
    """What to ask the agent of ``node`` to filter from now on; each filter has its number."""
    return {
        "do": "add-filters",
        "own": [str(each.ip) for i in node.interfaces for each in i.addresses],
        "filters": [_asked(number, each) for number, each in filters.items()],
    }


def _asked(number: int, of: PacketFilter) -> Message:
    """With what nftables is to do, and what else the node then answers."""
    in_nftables = {"verdict": of.verdict, "reply": asdict(of.reply) if of.reply else None}
    return {"number": number, **asdict(of), **in_nftables}
