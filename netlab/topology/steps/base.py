"""What all steps have: their place, and when they are due."""

from __future__ import annotations

from dataclasses import dataclass

from netlab.topology.moment import Moment
from netlab.topology.stacks import Stack

#: What can happen to a node while a lab runs.
NODE_EVENTS = ("frozen", "thawed", "crashed", "ready")

#: What can happen to a node, or to a connection, a socket or a program that a step has named.
EVENTS = (
    "established",
    "opened",
    "sent",
    "received",
    "shutdown",
    "closed",
    "failed",
    "started",
    "exited",
    "done",
    *NODE_EVENTS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """When a step starts and how long it may take; all in seconds."""

    at: float | None = None
    after: Moment | None = None
    wait: float = 0.0
    within: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """``where`` is the step's ``file:line:column``; ``text`` how the report calls it.

    ``stack`` is whose TCP/IP it is about, if it is left out where the node speaks another.
    """

    where: str
    text: str
    timing: Timing
    stack: Stack | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeStep(Step):
    node: str
