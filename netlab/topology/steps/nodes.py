"""What happens to nodes and their interfaces."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from netlab.topology.steps.base import NodeStep


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeLife(NodeStep):
    """What happens to the whole node."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze(NodeLife):
    """Stop all the node's processes, for ``duration`` seconds or until they are thawed."""

    duration: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thaw(NodeLife):
    """Let all the node's processes go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crash(NodeLife):
    """End the node as by power failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart(NodeLife):
    """Start the node's agent and services anew; it crashes first if it runs.

    Its TCP assigns no sequence numbers in the first ``quiet`` seconds.
    """

    quiet: float | None = None


class Change(StrEnum):
    """What a SetInterface does to an interface."""

    DOWN = "down"
    UP = "up"
    MTU = "mtu"
    ADD = "add"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetInterface(NodeStep):
    """Change one interface; ``value`` is an MTU or ``address/prefix length``.

    After ``duration`` seconds, what went down comes up, and the other way.
    """

    interface: str
    change: Change
    value: str | None = None
    duration: float | None = None
