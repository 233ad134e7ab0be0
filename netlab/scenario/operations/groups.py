"""Multicast, broadcast and errors of sockets as requests."""

from __future__ import annotations

from netlab.scenario.operations.base import Message, request
from netlab.topology.steps import Broadcast, HearErrors, Membership, Multicast


@request.register
def _(step: Membership) -> Message:
    return {
        "do": "join" if step.join else "leave",
        "conn": step.name,
        "group": step.group,
        "interface": step.interface,
    }


@request.register
def _(step: Multicast) -> Message:
    return {
        "do": "multicast",
        "conn": step.name,
        "ttl": step.ttl,
        "loop": step.loop,
        "interface": step.interface,
    }


@request.register
def _(step: Broadcast) -> Message:
    return {"do": "broadcast", "conn": step.name}


@request.register
def _(step: HearErrors) -> Message:
    return {"do": "hear-errors", "conn": step.name}
