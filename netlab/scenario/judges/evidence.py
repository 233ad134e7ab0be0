"""What a judge looks at, and what it finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netlab.analyse.model import Analysis, Connection
from netlab.collect.events import Event
from netlab.topology.expectations import Expectation
from netlab.topology.plan import Plan

_SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """``seen`` is what there was, or what came nearest; ``frames`` show it."""

    passed: bool
    expected: str
    seen: str
    frames: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a run left behind."""

    plan: Plan
    events: Sequence[Event]
    analysis: Analysis

    def of_kind(self, kind: str, name: str | None = None) -> list[Event]:
        """Events in their order; with ``name``, those of that connection, socket or program."""
        return [event for event in self.events if event.kind == kind and name in {None, event.conn}]

    def deadline(self, expectation: Expectation) -> float:
        """Until when ``expectation`` may come true: ``within`` after the scenario's last step."""
        steps = self.of_kind("step")
        if not steps:
            return float("inf")
        return max(event.t for event in steps) + expectation.within * _SECOND

    def connections(self, name: str) -> list[Connection]:
        """That of the name, or all of a group: ``crowd.1``, ``crowd.2`` and so on."""
        group = f"{name}."
        return [
            each
            for each in self.analysis.connections
            if each.name == name or each.name.startswith(group)
        ]

    def no_connection(self, name: str) -> str:
        """What to say where packets of ``name`` should be."""
        names = ", ".join(each.name for each in self.analysis.connections) or "none at all"
        return f"no packet of {name}; the connections are: {names}"


def seconds(t: int) -> str:
    return f"{t / _SECOND:.6f} s"
