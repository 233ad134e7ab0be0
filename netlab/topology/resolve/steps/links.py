"""What happens to links."""

from __future__ import annotations

from typing import Any

from netlab.topology import steps as plan
from netlab.topology.impairment import Engine
from netlab.topology.marks import Path
from netlab.topology.model.steps import links as file
from netlab.topology.plan import Link, LinkKind
from netlab.topology.resolve import endpoints
from netlab.topology.resolve.directory import Directory
from netlab.topology.resolve.impairments import changes, resolved_faults
from netlab.topology.resolve.steps.base import Maker, Resolver
from netlab.topology.resolve.ways import Ends
from netlab.topology.steps import ProfileChange, Step


def _set_link(
    resolver: Resolver, model: file.SetLink, path: Path, common: dict[str, Any]
) -> Step | None:
    try:
        link = endpoints.link(model.link, resolver.directory)
    except ValueError as error:
        resolver.wrong((*path, "link"), error)
        return None
    common = {**common, "link": link.name}
    if model.flap is not None:
        flap = model.flap
        return plan.FlapLink(**common, down=flap.down, up=flap.up, times=flap.times)
    if model.impair is not None:
        return _impair(resolver, model, path, common, link)
    if model.fault is not None:
        return _fault(resolver, model, path, common, link)
    up = "up" in model.model_fields_set
    duration = model.up if up else model.down
    return plan.SetLink(**common, up=up, duration=duration)


def _impair(
    resolver: Resolver, model: file.SetLink, path: Path, common: dict[str, Any], link: Link
) -> Step | None:
    ends = link_ends(link, resolver.directory)
    named = changes(model.impair or {}, ends, (*path, "impair"), resolver.problems)
    made = tuple(
        ProfileChange(end, forward, tuple(fields.items()))
        for (end, forward), fields in named
        if fields
    )
    if not made and not len(resolver.problems):
        resolver.problems.add(
            (*path, "impair"), "this changes nothing", "impair: none clears a link"
        )
    _check_engine(resolver, link, {change.end for change in made}, path)
    return plan.ImpairLink(**common, changes=made, duration=model.duration)


def _fault(
    resolver: Resolver, model: file.SetLink, path: Path, common: dict[str, Any], link: Link
) -> Step | None:
    assert model.fault is not None
    ends = link_ends(link, resolver.directory)
    faults = resolved_faults(model.fault, ends, (*path, "fault"), resolver.problems)
    resolver.names.expect(model.fault.until, (*path, "fault", "until"))
    _check_engine(resolver, link, {end for end, _ in faults}, path)
    return plan.AddFault(**common, faults=tuple(faults), duration=model.duration)


def _check_engine(resolver: Resolver, link: Link, changed: set[str | None], path: Path) -> None:
    for each in link.impairments:
        if each.end in changed and each.engine not in {None, Engine.EMULATOR}:
            resolver.problems.add(
                path,
                f"the link leaves this to {each.engine}, which is set once",
                "the emulator can change while the scenario plays",
            )


def link_ends(link: Link, directory: Directory) -> Ends:
    return Ends(
        full=tuple(map(str, link.ends)),
        names=tuple(frozenset({end.node, str(end)}) for end in link.ends),
        is_lan=link.kind is LinkKind.LAN,
        mtu=min(directory.interface(end).mtu for end in link.ends),
    )


MAKERS: dict[type, Maker] = {file.SetLink: _set_link}
