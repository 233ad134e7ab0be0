"""Where in the file a value stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """``line`` and ``column`` count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Document:
    """A file's plain data, with the mark of every key and of every value by its path."""

    source: str
    data: Any
    keys: dict[Path, Mark] = field(default_factory=dict)
    values: dict[Path, Mark] = field(default_factory=dict)

    def real(self, path: Path) -> Path:
        """The longest part of ``path`` that the file has.

        A short form leaves out levels that the models have (a lone item where a list may stand),
        so an index into what is no list is skipped, and so is an empty key.
        """
        here: Path = ()
        data = self.data
        for part in path:
            if isinstance(part, int) and not _is_list(data):
                continue
            if part == "" and not _has(data, part):
                continue
            if not _has(data, part):
                break
            data = data[part]
            here = (*here, part)
        return here

    def mark(self, path: Path, *, key: bool = False) -> Mark:
        """The mark of the value at ``path``, or of its key, or of the nearest thing above it."""
        here = self.real(path)
        if key and here in self.keys:
            return self.keys[here]
        return self.values.get(here, Mark(1, 1))

    def where(self, path: Path, *, key: bool = False) -> str:
        mark = self.mark(path, key=key)
        return f"{self.source}:{mark.line}:{mark.column}"

    def at(self, path: Path) -> Any:
        data = self.data
        for part in self.real(path):
            data = data[part]
        return data


def spelled(path: Path) -> str:
    """``nodes.server.services[0].mss``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{_printable(part)}"
    return text.removeprefix(".")


def _printable(key: str) -> str:
    """A key as a terminal may show it."""
    short = key if len(key) <= 60 else f"{key[:59]}…"
    return short if short.isprintable() else ascii(short)


def _is_list(data: Any) -> bool:
    return isinstance(data, Sequence) and not isinstance(data, str)


def _has(data: Any, part: str | int) -> bool:
    if isinstance(data, Mapping):
        return part in data
    return isinstance(part, int) and _is_list(data) and 0 <= part < len(data)
