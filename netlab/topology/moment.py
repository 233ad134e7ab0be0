"""What a step, or a held packet, may wait for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happens to a named thing, such as ``first established``."""

    name: str
    event: str

    def __str__(self) -> str:
        return f"{self.name} {self.event}"
