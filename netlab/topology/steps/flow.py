"""When other steps are done: later, or side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from netlab.topology.steps.base import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause(Step):
    duration: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Parallel(Step):
    branches: tuple[tuple[Step, ...], ...]


def every_step(steps: Iterable[Step]) -> Iterator[Step]:
    """The steps with those of parallel branches."""
    for step in steps:
        yield step
        if isinstance(step, Parallel):
            for branch in step.branches:
                yield from every_step(branch)
