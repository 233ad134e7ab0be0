"""The states that an end goes through."""

from __future__ import annotations

from collections.abc import Iterable

from netlab.topology.expectations import Expectation, StatesExpected
from netlab.topology.marks import Path
from netlab.topology.model.expectations.states import States
from netlab.topology.resolve.expectations.base import Maker, Resolver, during
from netlab.topology.resolve.names import Thing


def _states(resolver: Resolver, model: States, path: Path) -> Iterable[Expectation]:
    window = resolver.window(model, path)
    for text, states in model.states.items():
        inner = (*path, "states", text)
        end = resolver.end(text, (Thing.TCP,), inner)
        if end is not None:
            connection, node = end
            told = f"{text} goes {' → '.join(states)}{during(model)}"
            yield StatesExpected(
                **resolver.common(model, inner, told),
                **window,
                connection=connection,
                node=node,
                states=states,
            )


MAKERS: dict[type, Maker] = {States: _states}
