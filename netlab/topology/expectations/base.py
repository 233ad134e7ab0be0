"""What all expectations have, and how much of something there may be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """``where`` is ``file:line:column``; ``text`` how the report calls it; ``within`` in seconds.

    ``within`` counts from the end of the scenario: until then an expectation may still come true.
    """

    where: str
    text: str
    within: float = 5.0


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
