"""What all expectations have, and how much of something there may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from netlab.topology.stacks import Stack
from netlab.topology.steps import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """``where`` is ``file:line:column``; ``text`` how the report calls it; ``within`` in seconds.

    ``within`` counts from the end of the scenario: until then an expectation may still come true.
    ``stack`` is whose TCP/IP it is about, if it is left out where any node speaks another.
    """

    #: Whether packets decide it.
    on_packets: ClassVar[bool] = False

    where: str
    text: str
    within: float = 5.0
    stack: Stack | None = None

    @property
    def may_come_late(self) -> bool:
        """Whether what decides it may still come when the scenario is over."""
        return self.on_packets

    @property
    def may_break(self) -> bool:
        """Whether what is true so far may be false later, so that it is watched to the end."""
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Windowed(Expectation):
    """Judged on what happened after one moment and before another; None does not limit it."""

    on_packets: ClassVar[bool] = True

    after: Moment | None = None
    before: Moment | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """``comparison`` is one of ``== != < <= > >=``."""

    comparison: str
    number: int

    def allows(self, seen: int) -> bool:
        return {
            "==": seen == self.number,
            "!=": seen != self.number,
            "<": seen < self.number,
            "<=": seen <= self.number,
            ">": seen > self.number,
            ">=": seen >= self.number,
        }[self.comparison]

    def __str__(self) -> str:
        return str(self.number) if self.comparison == "==" else f"{self.comparison} {self.number}"


AT_LEAST_ONE = Count(">=", 1)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which values a quantity lies; None does not limit it.

    ``text`` is what the file says, such as ``under 300ms`` or ``9 Mbit/s to 10 Mbit/s``.
    """

    text: str
    low: float | None = None
    high: float | None = None
    includes_low: bool = True
    includes_high: bool = True

    def allows(self, value: float) -> bool:
        return not self._is_below(value) and not self._is_above(value)

    def _is_below(self, value: float) -> bool:
        return self.low is not None and (
            value < self.low or (value == self.low and not self.includes_low)
        )

    def _is_above(self, value: float) -> bool:
        return self.high is not None and (
            value > self.high or (value == self.high and not self.includes_high)
        )

    def missed_by(self, value: float) -> float:
        """How far ``value`` lies below (negative) or above; 0 where it is allowed."""
        if self._is_below(value):
            return value - (self.low or 0)
        return value - (self.high or 0) if self._is_above(value) else 0.0

    def __str__(self) -> str:
        return self.text
