"""What the makers of expectations have in common: lookups that tell what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from netlab.topology.expectations import Expectation
from netlab.topology.hints import did_you_mean, shown
from netlab.topology.marks import Path
from netlab.topology.model.expectations.base import Expected, Windowed
from netlab.topology.plan import Node
from netlab.topology.problems import Problems
from netlab.topology.resolve.directory import Directory, UnresolvedError
from netlab.topology.resolve.names import TRAFFIC, Names, Thing
from netlab.topology.resolve.stacks import stack_of
from netlab.wire.expression import comparisons
from netlab.wire.filter import Filter, FilterError

#: Makes the expectations of a model at a path; what is wrong with it has become a problem.
Maker = Callable[["Resolver", Any, Path], Iterable[Expectation]]


#: Fields that hold the name of a node: of a name that no node has, every count is 0.
_NODES = frozenset({"src.node", "dst.node"})


class Resolver:
    """``lenient``: nodes and links have problems, so who has which address is not known."""

    def __init__(
        self, directory: Directory, names: Names, problems: Problems, *, lenient: bool
    ) -> None:
        self.directory = directory
        self.names = names
        self.problems = problems
        self.lenient = lenient

    def common(self, model: Expected, path: Path, text: str) -> dict[str, Any]:
        """The fields that all expectations have."""
        return {
            "where": self.problems.document.where(path),
            "text": model.fact or text,
            "within": model.within,
            "stack": stack_of(model),
        }

    def wrong(self, path: Path, error: ValueError) -> None:
        if not (self.lenient and isinstance(error, UnresolvedError)):
            self.problems.add(path, str(error))

    def is_node(self, name: str, path: Path) -> bool:
        try:
            self.directory.node(name)
        except ValueError as error:
            self.problems.add(path, str(error))
            return False
        return True

    def check_expression(self, expression: str, path: Path) -> None:
        try:
            tree = Filter(expression).tree
        except FilterError as error:
            self.problems.add(path, f"in {shown(expression)}: {error}")
            return
        for each in comparisons(tree):
            if each.name in _NODES and each.sign in {"==", "!="}:
                self.is_node(str(each.value), path)

    def check_place(self, place: str | None, path: Path) -> bool:
        """Whether there is this ``node`` or ``node:interface``."""
        if place is None:
            return True
        name, colon, interface = place.partition(":")
        if not self.is_node(name, path):
            return False
        known = [each.name for each in self.directory.by_name[name].interfaces]
        if not colon or self.lenient or interface in known:
            return True
        hint = did_you_mean(interface, known)
        self.problems.add(path, f"{name} has no interface {shown(interface)}", hint)
        return False

    def check_connection(self, name: str | None, path: Path) -> None:
        if name is not None:
            self.names.find(name, TRAFFIC, path)

    def window(self, model: Windowed, path: Path) -> dict[str, Any]:
        """The fields of what is judged on a part of the run."""
        self.names.check_moment(model.after, (*path, "after"))
        self.names.check_moment(model.before, (*path, "before"))
        return {"after": model.after, "before": model.before}

    def end(
        self, text: str, things: tuple[Thing, ...], path: Path
    ) -> tuple[str, str | None] | None:
        """The connection and the node of ``first`` or ``first@server``, a key of the file."""
        name, _, node = text.partition("@")
        if node and not self.is_node(node, path):
            return None
        if self.names.find(name, things, path, key=True) is None:
            return None
        return name, node or None

    def asked(self, name: str, node: str | None, path: Path) -> Node | None:
        """The node of an end: that of ``node``, or the opener's."""
        named = self.names.find(name, (Thing.TCP, Thing.CROWD), path)
        return self.directory.by_name.get(node or (named.node if named else None) or "")


def during(model: Windowed) -> str:
    """The end of a sentence about a part of the run."""
    after = f", after {model.after}" if model.after else ""
    before = f", before {model.before}" if model.before else ""
    return after + before


def at_place(at: str | None, over: str | None) -> str:
    """The end of a sentence about packets of one connection or at one place."""
    return (f" of {over}" if over else "") + (f", at {at}" if at else "")
