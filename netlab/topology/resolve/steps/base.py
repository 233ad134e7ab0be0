"""What the makers of steps have in common: lookups that tell what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from netlab.topology.hints import did_you_mean, shown
from netlab.topology.marks import Path
from netlab.topology.model.options import Options
from netlab.topology.model.steps.base import Timed
from netlab.topology.problems import Problems
from netlab.topology.resolve.directory import Directory, UnresolvedError
from netlab.topology.resolve.names import Named, Names, Thing
from netlab.topology.resolve.stacks import stack_of
from netlab.topology.resolve.telling import told
from netlab.topology.steps import Step, Timing

#: Makes a step of a model at a path, with the fields that all steps have; None when it is wrong.
Maker = Callable[["Resolver", Any, Path, dict[str, Any]], Step | None]


class Resolver:
    """Makes steps of models, in the order of the file.

    ``lenient``: nodes and links have problems, so who has which address is not known.
    """

    def __init__(
        self,
        directory: Directory,
        names: Names,
        problems: Problems,
        makers: Mapping[type, Maker],
        *,
        lenient: bool,
    ) -> None:
        self.directory = directory
        self.names = names
        self.problems = problems
        self.lenient = lenient
        self._makers = makers

    def step(self, model: Timed, path: Path) -> Step | None:
        """None when the step has problems."""
        self.names.check_moment(model.after, (*path, "after"))
        document = self.problems.document
        common = {
            "where": document.where(path),
            "text": told(document.at(path)),
            "timing": Timing(at=model.at, after=model.after, wait=model.wait, within=model.within),
            "stack": stack_of(model),
        }
        step = self._makers[type(model)](self, model, path, common)
        if step is None:
            self.names.excuse(getattr(model, "name", None))
            self.names.excuse(getattr(model, "process", None))
        return step

    def wrong(self, path: Path, error: ValueError) -> None:
        if not (self.lenient and isinstance(error, UnresolvedError)):
            self.problems.add(path, str(error))

    def node(self, name: str, path: Path, key: str = "node") -> str | None:
        """``key`` of the step names the node."""
        try:
            return self.directory.node(name).name
        except ValueError as error:
            self.problems.add((*path, key), str(error))
            return None

    def interface(self, node: str, name: str | None, path: Path) -> str | None:
        """``name``, or the node's first interface; None where the node has none such."""
        known = [each.name for each in self.directory.node(node).interfaces]
        if name in known or (name is None and known):
            return name or known[0]
        if not self.lenient:
            what = f"no interface {shown(name)}" if name else "no interface"
            self.problems.add(path, f"{node} has {what}", did_you_mean(name or "", known))
        return None

    def named(
        self, name: str, things: tuple[Thing, ...], model: Any, path: Path, key: str
    ) -> Named | None:
        """What ``name`` is; the step's ``node``, if given, must be where it is."""
        named = self.names.find(name, things, (*path, key))
        if named is None:
            return None
        if model.node is not None and model.node != named.node:
            if self.node(model.node, path) is not None:
                self.problems.add(
                    (*path, "node"), f"{name!r} is on {named.node!r}, not on {model.node!r}"
                )
            return None
        return named


def refuse_lacking(resolver: Resolver, model: Options, transport: str, path: Path) -> None:
    """Options that the transport does not have."""
    for key in model.lacking(transport):
        what = f"UDP has no {key!r}" if transport == "udp" else f"TCP has no {key!r} to choose"
        resolver.problems.add((*path, key), what)
