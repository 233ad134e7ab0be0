"""The second half of a good error message: what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from netlab.words import did_you_mean

__all__ = ["LATER", "did_you_mean", "one_of", "shown"]

#: Keys of labs to come, and what to say about them until then.
LATER = {
    "<<": "merge keys are YAML 1.1; use kinds",
}


def one_of(words: Iterable[str]) -> str:
    """``a, b or c``."""
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def shown(value: Any, limit: int = 60) -> str:
    """A value as the reader of the file knows it, cut to ``limit`` characters."""
    match value:
        case None | bool():
            return {None: "nothing", True: "true", False: "false"}[value]
        case int() | float():
            return f"the number {value}"[:limit]
        case str():
            return repr(value if len(value) <= limit else f"{value[: limit - 1]}…")
        case dict():
            return "a mapping"
    return "a list"
