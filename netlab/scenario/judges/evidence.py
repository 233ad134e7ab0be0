"""What a judge looks at, and what it finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netlab.analyse.model import Analysis, Connection
from netlab.collect.events import Event
from netlab.scenario.moments import moments
from netlab.topology.expectations import Expectation, Windowed
from netlab.topology.plan import Plan
from netlab.topology.steps import Moment

_SECOND = 1_000_000_000

#: How many connections a sentence names.
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Finding:
    """``seen`` is what there was, or what came nearest; ``frames`` show it."""

    passed: bool
    expected: str
    seen: str
    frames: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the run, both ends included."""

    begin: float
    until: float

    def __contains__(self, t: int) -> bool:
        return self.begin <= t <= self.until


class MissingMoment(Exception):
    """A moment that an expectation is about never came; the text says which."""


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
        """Those of that name; of many that one step opened, each is called ``name.17``."""
        return [each for each in self.analysis.connections if is_called(each, name)]

    def moment(self, moment: Moment) -> int | None:
        """When it happened first."""
        return next((event.t for event in self.events if moment in moments(event)), None)

    def window(self, expectation: Windowed) -> Window:
        """What of the run counts; MissingMoment when a moment that limits it never came."""
        begin = self._limit(expectation.after, float("-inf"))
        until = self._limit(expectation.before, float("inf"))
        if not expectation.may_break:
            until = min(until, self.deadline(expectation))
        return Window(begin, until)

    def _limit(self, moment: Moment | None, unlimited: float) -> float:
        if moment is None:
            return unlimited
        t = self.moment(moment)
        if t is None:
            raise MissingMoment(f"{moment} never came")
        return t

    def no_connection(self, name: str) -> str:
        """What to say where packets of ``name`` should be."""
        known = [name for each in self.analysis.connections for name in each.names]
        names = ", ".join(known[:_SHOWN]) or "none at all"
        names += f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
        return f"no packet of {name}; the connections are: {names}"


def is_called(connection: Connection, name: str) -> bool:
    return any(each == name or each.startswith(f"{name}.") for each in connection.names)


def seconds(t: int) -> str:
    return f"{t / _SECOND:.6f} s"


def elapsed(nanoseconds: float) -> str:
    """A length of time in the unit that fits: ``41.2 µs``, ``201.4 ms``, ``1.002 s``."""
    if abs(nanoseconds) < 1_000_000:
        return f"{nanoseconds / 1e3:.1f} µs"
    if abs(nanoseconds) < _SECOND:
        return f"{nanoseconds / 1e6:.1f} ms"
    return f"{nanoseconds / _SECOND:.3f} s"
