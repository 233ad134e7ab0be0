"""What pings, traceroutes and ICMP observers find."""

from __future__ import annotations

from dataclasses import dataclass

from netlab.topology.expectations.base import Count, Expectation


@dataclass(frozen=True, slots=True, kw_only=True)
class RepliesExpected(Expectation):
    """So many echoes of the ping ``name`` are answered."""

    name: str
    count: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class HopsExpected(Expectation):
    """The traceroute ``name`` meets these nodes, one a hop; ``*`` is a hop that keeps silent."""

    name: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeErrorsExpected(Expectation):
    """The probes of the ping ``name`` that end in an error end so: ``3/4 from r1``, in order."""

    name: str
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedExpected(Expectation):
    """The observer ``name`` hears these in this order, such as ``icmp 3/13``.

    Others between them are allowed unless ``exact``.
    """

    name: str
    messages: tuple[str, ...]
    exact: bool = False

    @property
    def may_come_late(self) -> bool:
        return True
