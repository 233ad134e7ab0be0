"""When other steps are done: later, or side by side."""

from __future__ import annotations

from typing import Any

from netlab.topology import steps as plan
from netlab.topology.marks import Path
from netlab.topology.model import step as file
from netlab.topology.resolve.steps.base import Maker, Resolver
from netlab.topology.steps import Step


def _pause(
    _resolver: Resolver, model: file.Pause, _path: Path, common: dict[str, Any]
) -> Step | None:
    return plan.Pause(**common, duration=model.pause)


def _parallel(
    resolver: Resolver, model: file.Parallel, path: Path, common: dict[str, Any]
) -> Step | None:
    branches = []
    for number, branch in enumerate(model.parallel):
        inner = (*path, "parallel", number)
        made = [resolver.step(each, (*inner, index)) for index, each in enumerate(branch)]
        branches.append(tuple(step for step in made if step is not None))
    return plan.Parallel(**common, branches=tuple(branches))


MAKERS: dict[type, Maker] = {file.Pause: _pause, file.Parallel: _parallel}
