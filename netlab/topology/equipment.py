"""What a node is made of and has besides its network, resolved."""

from __future__ import annotations

from dataclasses import dataclass, field

from netlab.topology.program import Probe

#: Names of the backends that a lab can be on; the first is the one when nobody says which.
BACKENDS = ("netns", "docker", "sim")


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that the node sees at ``path``, with these bytes and this mode."""

    path: str
    content: bytes = field(repr=False)
    mode: int = 0o644


@dataclass(frozen=True, slots=True, kw_only=True)
class Bind:
    """This machine's file or folder ``source``, seen in the node at ``target``; both absolute."""

    source: str
    target: str
    read_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """At most so much: ``memory`` in bytes, ``cpus`` of processor time, ``pids`` of processes."""

    memory: int | None = None
    cpus: float | None = None
    pids: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What tells that a node's own main program is ready; ``within`` s it must be."""

    probe: Probe
    within: float
