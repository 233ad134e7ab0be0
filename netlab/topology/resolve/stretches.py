"""Which links pass the fabric: those impaired in the file, and those that a step will impair."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from netlab.topology.impairment import Impairment
from netlab.topology.plan import Link, Node, Offload
from netlab.topology.resolve.directory import Directory
from netlab.topology.steps import AddFault, ImpairLink, Parallel, Step


def stretched(directory: Directory, steps: Iterable[Step]) -> Directory:
    """With a stretch wherever a step needs one, and no offloads on impaired links."""
    wanted: dict[str, list[str | None]] = {}
    for step in _impairing(steps):
        wanted.setdefault(step.link, []).extend(_stretches(step))
    links = tuple(_with_stretches(link, wanted.get(link.name, ())) for link in directory.links)
    return Directory(tuple(_without_offload(node, links) for node in directory.nodes), links)


def offload_notices(before: Directory, after: Directory) -> Iterator[str]:
    """What `stretched` switched off."""
    for old, new in zip(before.nodes, after.nodes, strict=True):
        for one, other in zip(old.interfaces, new.interfaces, strict=True):
            if one.offload is not other.offload:
                yield (
                    f"{old.name}:{one.name} has offload {other.offload}: its link is impaired,"
                    " and what is impaired are the packets of the wire"
                )


def _impairing(steps: Iterable[Step]) -> Iterator[ImpairLink | AddFault]:
    for step in steps:
        if isinstance(step, ImpairLink | AddFault):
            yield step
        elif isinstance(step, Parallel):
            for branch in step.branches:
                yield from _impairing(branch)


def _stretches(step: ImpairLink | AddFault) -> list[str | None]:
    if isinstance(step, ImpairLink):
        return [change.end for change in step.changes]
    return [end for end, _ in step.faults]


def _with_stretches(link: Link, wanted: Iterable[str | None]) -> Link:
    there = {each.end for each in link.impairments}
    more = tuple(Impairment(end) for end in dict.fromkeys(wanted) if end not in there)
    return replace(link, impairments=(*link.impairments, *more)) if more else link


def _without_offload(node: Node, links: tuple[Link, ...]) -> Node:
    # On a LAN too every end: what another member sends comes to the impaired cable.
    impaired = {
        end.interface
        for link in links
        if link.impairments
        for end in link.ends
        if end.node == node.name
    }
    if not impaired:
        return node
    return replace(
        node,
        interfaces=tuple(
            replace(each, offload=Offload.WIRE) if each.name in impaired else each
            for each in node.interfaces
        ),
    )
