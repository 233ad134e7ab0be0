"""What pings, traceroutes and ICMP observers find."""

from __future__ import annotations

from collections.abc import Iterable

from netlab.topology.expectations import (
    Expectation,
    HopsExpected,
    ObservedExpected,
    ProbeErrorsExpected,
    RepliesExpected,
)
from netlab.topology.marks import Path
from netlab.topology.model.expectations.probes import Hops, Observed, ProbeErrors, Replies
from netlab.topology.resolve.expectations.base import Maker, Resolver
from netlab.topology.resolve.names import Thing


def _replies(resolver: Resolver, model: Replies, path: Path) -> Iterable[Expectation]:
    for name, count in model.replies.items():
        inner = (*path, "replies", name)
        if resolver.names.find(name, (Thing.PROBE,), inner, key=True) is not None:
            text = f"{name} has {count} replies"
            yield RepliesExpected(**resolver.common(model, inner, text), name=name, count=count)


def _hops(resolver: Resolver, model: Hops, path: Path) -> Iterable[Expectation]:
    for name, nodes in model.hops.items():
        inner = (*path, "hops", name)
        known = [
            node == "*" or resolver.is_node(node, (*inner, index))
            for index, node in enumerate(nodes)
        ]
        if resolver.names.find(name, (Thing.PROBE,), inner, key=True) is not None and all(known):
            text = f"{name} meets {', '.join(nodes)}"
            yield HopsExpected(**resolver.common(model, inner, text), name=name, nodes=nodes)


def _errors(resolver: Resolver, model: ProbeErrors, path: Path) -> Iterable[Expectation]:
    for name, errors in model.probe_errors.items():
        inner = (*path, "probe_errors", name)
        for index, error in enumerate(errors):
            node = error.partition(" from ")[2]
            if node:
                resolver.is_node(node, (*inner, index))
        if resolver.names.find(name, (Thing.PROBE,), inner, key=True) is not None:
            text = f"{name} ends in {', '.join(errors) or 'no error'}"
            yield ProbeErrorsExpected(
                **resolver.common(model, inner, text), name=name, errors=errors
            )


def _observed(resolver: Resolver, model: Observed, path: Path) -> Iterable[Expectation]:
    for name, messages in model.observed.items():
        inner = (*path, "observed", name)
        if resolver.names.find(name, (Thing.OBSERVER,), inner, key=True) is not None:
            text = f"{name} hears {', '.join(messages) or 'nothing'}"
            yield ObservedExpected(
                **resolver.common(model, inner, text),
                name=name,
                messages=messages,
                exact=model.exact,
            )


MAKERS: dict[type, Maker] = {
    Replies: _replies,
    Hops: _hops,
    ProbeErrors: _errors,
    Observed: _observed,
}
