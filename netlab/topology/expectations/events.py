"""What the run's events say."""

from __future__ import annotations

from dataclasses import dataclass

from netlab.topology import units
from netlab.topology.expectations.base import Count, Expectation

#: Fields that hold nanoseconds.
_TIMES = frozenset({"took", "t"})

#: What nodes, the kernel and links tell of their own accord, and not as the answer to a step.
_UNASKED = frozenset({"service", "process", "program", "state", "tcpinfo", "icmp", "impairment"})

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Condition:
    """``comparison`` is one of ``== != < <= > >=``; what is ordered is a number."""

    field: str
    comparison: str
    value: Value

    def holds(self, seen: object) -> bool:
        if self.comparison in {"==", "!="}:
            return (seen == self.value) is (self.comparison == "==")
        if isinstance(seen, bool) or not isinstance(seen, int | float):
            return False
        assert isinstance(self.value, int | float)
        return {
            "<": seen < self.value,
            "<=": seen <= self.value,
            ">": seen > self.value,
            ">=": seen >= self.value,
        }[self.comparison]

    def __str__(self) -> str:
        sign = "" if self.comparison == "==" else f"{self.comparison} "
        return f"{self.field}: {sign}{spelled(self.field, self.value)}"


def spelled(field: str, value: object) -> str:
    """A field's value as the file has it: times, which are nanoseconds, with their unit."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case int() if field in _TIMES:
            return units.spell_duration(value / 1e9)
    return str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsExpected(Expectation):
    """So many events hold all ``conditions``; with ``distinct``, so many values of that field."""

    conditions: tuple[Condition, ...]
    count: Count | None = None
    distinct: str | None = None

    @property
    def may_come_late(self) -> bool:
        return any(one.field == "kind" and one.value in _UNASKED for one in self.conditions)
