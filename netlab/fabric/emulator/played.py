"""How far the scenario is."""

from __future__ import annotations

from dataclasses import dataclass, field

from netlab.topology.moment import Moment

_SECOND = 1_000_000_000


@dataclass(slots=True)
class Played:
    """``began`` is when it began, if it has; ``happened`` its moments, as text."""

    began: int | None = None
    happened: set[str] = field(default_factory=set)

    def time(self, now: int) -> float | None:
        """Seconds since it began; None before."""
        if self.began is None or now < self.began:
            return None
        return (now - self.began) / _SECOND

    def has(self, moment: Moment | None) -> bool:
        return moment is not None and str(moment) in self.happened
