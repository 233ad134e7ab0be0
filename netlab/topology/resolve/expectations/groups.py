"""What many connections or operations have in common."""

from __future__ import annotations

from collections.abc import Iterable

from netlab.topology.expectations import (
    AT_LEAST_ONE,
    ConnectionsExpected,
    Expectation,
    OperationsExpected,
)
from netlab.topology.marks import Path
from netlab.topology.model.expectations.groups import Connections, Done, Group, Operations
from netlab.topology.resolve.directory import port_number
from netlab.topology.resolve.expectations.base import Maker, Resolver
from netlab.topology.resolve.names import TRAFFIC


def _connections(resolver: Resolver, model: Connections, path: Path) -> Iterable[Expectation]:
    group, inner = model.connections, (*path, "connections")
    if group.name is not None:
        resolver.names.find(group.name, TRAFFIC, (*inner, "of"))
    if group.opener is not None:
        resolver.is_node(group.opener, (*inner, "from"))
    for key, expression in (("with", group.having), ("without", group.without)):
        if expression is not None:
            resolver.check_expression(expression, (*inner, key))
    resolver.names.check_moment(group.at, (*inner, "at"))
    if group.at is not None and group.state is None:
        resolver.problems.add((*inner, "at"), "'at' is when they are in a 'state'")
    node, port = _peer(resolver, group.to, (*inner, "to"))
    count = model.count or AT_LEAST_ONE
    yield ConnectionsExpected(
        **resolver.common(model, path, f"{_told(group)}, count {count}"),
        name=group.name,
        from_node=group.opener,
        to_node=node,
        to_port=port,
        state=group.state,
        at_server=group.end == "server",
        moment=group.at,
        having=group.having,
        without=group.without,
        count=count,
    )


def _peer(resolver: Resolver, text: str | None, path: Path) -> tuple[str | None, int | None]:
    if text is None:
        return None, None
    name, colon, port = text.partition(":")
    resolver.is_node(name, path)
    if not colon:
        return name, None
    try:
        return name, port_number(port)
    except ValueError as error:
        resolver.problems.add(path, str(error))
        return name, None


def _told(group: Group) -> str:
    verb = "in" if group.at else "that were in"
    parts = [
        "connections",
        f"of {group.name}" if group.name else "",
        f"from {group.opener}" if group.opener else "",
        f"to {group.to}" if group.to else "",
        f"{verb} {group.state}" if group.state else "",
        "at the server" if group.state and group.end == "server" else "",
        f"when {group.at}" if group.at else "",
        f"with {group.having}" if group.having else "",
        f"without {group.without}" if group.without else "",
    ]
    return " ".join(filter(None, parts))


def _operations(resolver: Resolver, model: Operations, path: Path) -> Iterable[Expectation]:
    done = model.operations
    resolver.names.find(done.name, TRAFFIC, (*path, "operations", "of"))
    took = tuple((model.took or {}).items())
    if model.count is None and not took:
        resolver.problems.add(path, "says nothing of the operations", "give a count, or took")
    failed = done.failed
    if "errno" in done.model_fields_set:
        failed = done.errno is not None
        if done.failed not in {None, failed}:
            resolver.problems.add(
                (*path, "operations", "errno"), "'failed' says the opposite", "leave one out"
            )
    yield OperationsExpected(
        **resolver.common(model, path, _operations_told(done, model, failed=failed)),
        name=done.name,
        op=done.op,
        failed=failed,
        errno=done.errno,
        count=model.count,
        took=took,
    )


def _operations_told(done: Done, model: Operations, *, failed: bool | None) -> str:
    how = {None: "", True: " that failed", False: " that did not fail"}[failed]
    text = f"{done.op or 'operations'} of {done.name}{how}"
    text += f" with {done.errno}" if done.errno else ""
    text += f", count {model.count}" if model.count else ""
    for statistic, bounds in (model.took or {}).items():
        text += f", {statistic} {bounds}"
    return text


MAKERS: dict[type, Maker] = {Connections: _connections, Operations: _operations}
