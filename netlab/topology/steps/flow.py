"""When other steps are done: later, or side by side."""

from __future__ import annotations

from dataclasses import dataclass

from netlab.topology.steps.base import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause(Step):
    duration: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Parallel(Step):
    branches: tuple[tuple[Step, ...], ...]
