"""What the control block of an end says, and which initial sequence numbers it chose."""

from __future__ import annotations

from collections.abc import Iterable

from netlab.topology import units
from netlab.topology.expectations import Claim, Expectation, IsnExpected, VariablesExpected
from netlab.topology.marks import Path
from netlab.topology.model.expectations.variables import Isn, Variables
from netlab.topology.resolve.expectations.base import Maker, Resolver, during
from netlab.topology.resolve.names import Thing

_CONNECTIONS = (Thing.TCP, Thing.CROWD)


def _variables(resolver: Resolver, model: Variables, path: Path) -> Iterable[Expectation]:
    window = resolver.window(model, path)
    resolver.names.check_moment(model.at, (*path, "at"))
    if model.at and (model.after or model.before):
        resolver.problems.add((*path, "at"), "one moment is neither 'after' nor 'before' another")
    at = f", at {model.at}" if model.at else ""
    for text, claims in model.variables.items():
        inner = (*path, "variables", text)
        end = resolver.end(text, _CONNECTIONS, inner)
        if end is None:
            continue
        name, node = end
        _check_told(resolver, name, node, inner)
        for index, claim in enumerate(claims):
            place = (*inner, index)
            _check_pick(resolver, model, claim, place)
            yield VariablesExpected(
                **resolver.common(model, place, f"{text}: {claim.text}{at}{during(model)}"),
                **window,
                connection=name,
                node=node,
                claim=claim,
                at=model.at,
            )


def _check_told(resolver: Resolver, name: str, node: str | None, path: Path) -> None:
    found = resolver.asked(name, node, path)
    if found is not None and not found.variables:
        resolver.problems.add(
            path,
            f"{found.name} does not tell its variables",
            "add 'observe: {variables: true}' to the lab or the node, and 'stack: user'",
        )


def _check_pick(resolver: Resolver, model: Variables, claim: Claim, path: Path) -> None:
    """What is meant of a value that changes has to be said, and cannot be of one moment's."""
    picks = claim.pick or (claim.never and "never")
    if model.at and picks:
        resolver.problems.add(path, f"at a moment there is one value: leave out '{picks}'")
    elif not model.at and not picks:
        resolver.problems.add(
            path,
            f"{claim.variable} changes over time",
            "say max, min, first, last, always or ever before it, or 'at' which moment",
        )


def _isn(resolver: Resolver, model: Isn, path: Path) -> Iterable[Expectation]:
    ends = [
        resolver.end(text, (Thing.TCP,), (*path, "isn", index))
        for index, text in enumerate(model.isn)
    ]
    if len(ends) < 2:
        resolver.problems.add((*path, "isn"), "one number differs from none: name two ends")
    names = ", ".join(model.isn)
    told = f"initial sequence numbers of {names} differ"
    if model.tick is not None:
        told = (
            f"initial sequence numbers of {names} rise by one in {units.spell_duration(model.tick)}"
        )
    yield IsnExpected(
        **resolver.common(model, path, told),
        ends=tuple(end for end in ends if end is not None),
        tick=model.tick,
        tolerance=model.tolerance,
    )


MAKERS: dict[type, Maker] = {Variables: _variables, Isn: _isn}
