"""One step for a lab that is up, as somebody types it."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from netlab.errors import Problem, TopologyError, UsageError
from netlab.topology import messages
from netlab.topology.marks import Document
from netlab.topology.model.steps.links import SetLink
from netlab.topology.plan import Plan
from netlab.topology.problems import Problems
from netlab.topology.resolve.directory import Directory
from netlab.topology.resolve.names import Names
from netlab.topology.resolve.steps.base import Resolver
from netlab.topology.resolve.steps.links import MAKERS
from netlab.topology.steps import Step


def link_step(plan: Plan, data: dict[str, Any]) -> Step:
    """The step that ``data`` is in a topology file; UsageError with all that is wrong with it."""
    problems = Problems(Document("", data))
    step = None
    try:
        model = SetLink.model_validate(data)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            messages.report(detail, SetLink, problems)
    else:
        names = Names(problems, nodes=frozenset(), omitted=frozenset(), reserved=frozenset())
        directory = Directory(plan.nodes, plan.links)
        step = Resolver(directory, names, problems, MAKERS, lenient=False).step(model, ())
        names.check_expected()
    try:
        problems.finish()
    except TopologyError as error:
        raise UsageError("; ".join(map(_told, error.problems))) from None
    assert step is not None, "a step without problems has been made"
    return step


def _told(problem: Problem) -> str:
    place = f"{problem.path}: " if problem.path else ""
    return f"{place}{problem.message}" + (f" ({problem.hint})" if problem.hint else "")
