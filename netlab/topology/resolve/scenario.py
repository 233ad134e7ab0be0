"""A scenario's steps: names looked up, addresses found, kinds checked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from netlab.topology.draft import Draft
from netlab.topology.problems import Problems
from netlab.topology.resolve.directory import Directory
from netlab.topology.resolve.names import Names
from netlab.topology.resolve.steps import (
    filters,
    flow,
    groups,
    injections,
    links,
    nodes,
    probes,
    programs,
    sockets,
    traffic,
)
from netlab.topology.resolve.steps.base import Maker, Resolver
from netlab.topology.steps import Step

_MAKERS: dict[type, Maker] = {
    **sockets.MAKERS,
    **traffic.MAKERS,
    **programs.MAKERS,
    **links.MAKERS,
    **nodes.MAKERS,
    **filters.MAKERS,
    **probes.MAKERS,
    **injections.MAKERS,
    **groups.MAKERS,
    **flow.MAKERS,
}


def scenario(
    draft: Draft, directory: Directory, problems: Problems, *, lenient: bool
) -> tuple[tuple[Step, ...], Names]:
    """``lenient``: nodes and links have problems, so who has which address is not known."""
    names = Names(
        problems,
        nodes=frozenset(directory.by_name),
        omitted=draft.omitted,
        reserved=_given_names(draft.lab.scenario),
    )
    steps = Resolver(directory, names, problems, _MAKERS, lenient=lenient)
    made = [
        steps.step(model, draft.path("scenario", index))
        for index, model in enumerate(draft.lab.scenario)
    ]
    for index, link in enumerate(draft.lab.links):
        for number, fault in enumerate(link.faults):
            path = (*draft.path("links", index), "faults", number, "until")
            names.expect(fault.until, path)
    names.check_expected()
    return tuple(step for step in made if step is not None), names


def _given_names(models: Iterable[Any]) -> frozenset[str]:
    found: set[str] = set()
    for model in models:
        found |= {getattr(model, key, None) or "" for key in ("name", "process")}
        for branch in getattr(model, "parallel", ()):
            found |= _given_names(branch)
    return frozenset(found)
