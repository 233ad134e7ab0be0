"""All that a report tells of: one run of one lab."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from netlab.analyse.model import Analysis, Source
from netlab.backends.features import Feature
from netlab.collect.events import Event
from netlab.scenario.verdict import Verdict
from netlab.topology.plan import Plan


@dataclass(frozen=True, slots=True)
class HostFacts:
    """The machine that ran the lab.

    ``kernel`` is its release, such as ``6.1.0-18-amd64``; empty in virtual time, which has none.
    """

    kernel: str
    features: tuple[Feature, ...] = ()

    @property
    def kind(self) -> str:
        return f"Linux {self.kernel}" if self.kernel else "virtual time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """``started`` is in UTC; ``files`` are names relative to the run's folder.

    ``command`` does the same run once more.
    """

    plan: Plan
    events: tuple[Event, ...]
    analysis: Analysis
    verdict: Verdict
    command: str
    netlab_version: str
    backend: str
    started: datetime
    files: tuple[str, ...]
    host: HostFacts

    @property
    def duration(self) -> int:
        """Nanoseconds from the run's epoch to the last thing observed."""
        return max(
            max((event.t for event in self.events), default=0),
            max((sighting.t for sighting in self.analysis.sightings), default=0),
        )

    @property
    def drops(self) -> int:
        """Packets that the captures lost."""
        return sum(count.drops for count in self.analysis.counts)

    @property
    def sources(self) -> Mapping[Source, tuple[str, ...]]:
        """How the states of this run are known, the most exact first, and of which nodes."""
        known: dict[Source, dict[str, None]] = {}
        for connection in self.analysis.connections:
            for end in (connection.client, connection.server):
                for change in end.states:
                    known.setdefault(change.source, {})[end.endpoint.node or str(end.endpoint)] = (
                        None
                    )
        return {each: tuple(known[each]) for each in _BY_EXACTNESS if each in known}

    @property
    def notices(self) -> tuple[str, ...]:
        """What was decided for the user and what the lab had to say, each once."""
        told = (str(e.data.get("text", "")) for e in self.events if e.kind == "notice")
        return tuple(dict.fromkeys((*self.plan.notices, *told)))


_BY_EXACTNESS = (Source.STACK, Source.TRACE, Source.CAPTURE, Source.SOCK_DIAG)
