"""A node's socket table."""

from __future__ import annotations

from collections.abc import Iterable

from netlab.topology.expectations import Expectation, SocketsExpected
from netlab.topology.marks import Path
from netlab.topology.model.expectations.sockets import Sockets
from netlab.topology.resolve.expectations.base import Maker, Resolver
from netlab.topology.resolve.sockets import socket


def _sockets(resolver: Resolver, model: Sockets, path: Path) -> Iterable[Expectation]:
    resolver.names.check_moment(model.at, (*path, "at"))
    for node, texts in model.sockets.items():
        inner = (*path, "sockets", node)
        if not resolver.is_node(node, inner):
            continue
        spelled = []
        for index, text in enumerate(texts):
            try:
                spelled.append(socket(text, resolver.directory))
            except ValueError as error:
                resolver.wrong((*inner, index), error)
        when = f"at {model.at}" if model.at else "at the end"
        only = "only " if model.only and spelled else ""
        listed = ", ".join(spelled) or "no socket"
        yield SocketsExpected(
            **resolver.common(model, inner, f"{node} has {only}{listed} {when}"),
            node=node,
            sockets=tuple(spelled),
            moment=model.at,
            only=model.only,
        )


MAKERS: dict[type, Maker] = {Sockets: _sockets}
