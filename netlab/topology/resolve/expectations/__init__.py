"""Expectations: one for each thing that can come true or fail by itself."""

from __future__ import annotations

from netlab.topology.draft import Draft
from netlab.topology.expectations import Expectation
from netlab.topology.problems import Problems
from netlab.topology.resolve.directory import Directory
from netlab.topology.resolve.expectations import (
    events,
    groups,
    icmp,
    measures,
    outcomes,
    packets,
    probes,
    sockets,
    states,
    variables,
)
from netlab.topology.resolve.expectations.base import Maker, Resolver
from netlab.topology.resolve.names import Names

_MAKERS: dict[type, Maker] = {
    **states.MAKERS,
    **packets.MAKERS,
    **icmp.MAKERS,
    **measures.MAKERS,
    **variables.MAKERS,
    **groups.MAKERS,
    **sockets.MAKERS,
    **outcomes.MAKERS,
    **events.MAKERS,
    **probes.MAKERS,
}


def expectations(
    draft: Draft, directory: Directory, names: Names, problems: Problems, *, lenient: bool
) -> tuple[Expectation, ...]:
    """``lenient``: nodes and links have problems, so who has which address is not known."""
    resolver = Resolver(directory, names, problems, lenient=lenient)
    return tuple(
        made
        for index, model in enumerate(draft.lab.expect)
        for made in _MAKERS[type(model)](resolver, model, draft.path("expect", index))
    )
