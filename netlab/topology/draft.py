"""A document checked against the models, item by item.

What is wrong is reported once and then left out, so that the rest can still be checked for what
only shows between items, such as a link to a node that does not exist.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from netlab.topology import messages
from netlab.topology.hints import shown
from netlab.topology.marks import Document, Path
from netlab.topology.model.lab import Lab
from netlab.topology.problems import Problems

_LISTS = ("links", "scenario", "expect")


@dataclass(frozen=True, slots=True)
class Draft:
    """``positions`` gives the place in the file of each item of ``lab``'s lists.

    ``omitted`` holds the names (``as``, ``in``) that steps define which were left out.
    """

    lab: Lab
    positions: dict[str, tuple[int, ...]]
    omitted: frozenset[str]

    def path(self, section: str, index: int) -> Path:
        return (section, self.positions[section][index])


def draft(document: Document, problems: Problems) -> Draft | None:
    """None when nothing is left to check."""
    if not isinstance(document.data, dict):
        problems.add(
            (), f"a topology is a mapping with 'name' and 'nodes', not {shown(document.data)}"
        )
        return None
    pruned = _Pruned(document.data)
    for attempt in range(8):
        try:
            lab = Lab.model_validate(pruned.data)
        except ValidationError as error:
            details = error.errors(include_url=False)
            scratch = problems if attempt == 0 else Problems(document)
            bad = {messages.report(detail, Lab, scratch) for detail in details}
            pruned.leave_out(bad)
            if pruned.hopeless:
                return None
        else:
            return Draft(lab, pruned.positions, frozenset(pruned.omitted))
    return None


class _Pruned:
    def __init__(self, data: dict[str, Any]) -> None:
        self.data = copy(data)
        self.hopeless = False
        self.omitted: set[str] = set()
        self.positions = {
            name: tuple(range(len(data[name]))) if isinstance(data.get(name), list) else ()
            for name in _LISTS
        }

    def leave_out(self, paths: set[Path]) -> None:
        items: dict[str, set[int]] = {name: set() for name in _LISTS}
        for path in paths:
            match path:
                case ("links" | "scenario" | "expect" as section, int(index), *_):
                    items[str(section)].add(index)
                case ("nodes" | "kinds" as section, str(name), str(field), *_):
                    self._drop(str(section), name, field)
                case ("nodes" | "kinds" as section, str(name)):
                    self._drop_entry(str(section), name)
                case () | ("nodes", *_):
                    self._give_up_or_name()
                case ("name",):
                    self.data["name"] = "unnamed"
                case (str(section), *_):
                    self.data.pop(section, None)
        for section, indices in items.items():
            self._drop_items(section, indices)

    def _give_up_or_name(self) -> None:
        """What is missing at the top: the name can be made up, nodes cannot."""
        self.data.setdefault("name", "unnamed")
        if not isinstance(self.data.get("nodes"), dict):
            self.hopeless = True

    def _drop(self, section: str, name: str, field: str) -> None:
        entries = dict(self.data[section])
        if isinstance(entries.get(name), dict):
            entries[name] = {key: value for key, value in entries[name].items() if key != field}
        self.data[section] = entries

    def _drop_entry(self, section: str, name: str) -> None:
        """A node that is no mapping is still a node; one whose name is wrong is not."""
        entries = dict(self.data[section])
        if entries.get(name) in (None, {}) or isinstance(entries[name], dict):
            entries.pop(name, None)
        else:
            entries[name] = {}
        self.data[section] = entries

    def _drop_items(self, section: str, indices: set[int]) -> None:
        if not indices:
            return
        items = self.data[section]
        for index in indices:
            self.omitted |= set(_defined(items[index]))
        kept = [index for index in range(len(items)) if index not in indices]
        self.data[section] = [items[index] for index in kept]
        self.positions[section] = tuple(self.positions[section][index] for index in kept)


def _defined(step: Any) -> list[str]:
    """The names that a step defines, wherever it does."""
    if isinstance(step, list):
        return [name for item in step for name in _defined(item)]
    if not isinstance(step, dict):
        return []
    own = [step[key] for key in ("as", "in") if isinstance(step.get(key), str)]
    return own + [name for item in step.values() for name in _defined(item)]
