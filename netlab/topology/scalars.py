"""Which plain YAML scalars are no text: the YAML 1.2 core schema, without its surprises.

PyYAML's YAML 1.1 takes ``on`` and ``no`` for booleans, ``22:22`` and ``1_000`` for numbers and
``2024-01-01`` for a date. Here they are what they look like: text. So is what has a plus sign,
which in a lab is meant: ``+10`` is ten more.
"""

from __future__ import annotations

import math
import re

Scalar = str | int | float | bool | None

_WORDS: dict[str, Scalar] = {"": None, "~": None, "null": None, "true": True, "false": False}
_INTEGER = re.compile(r"-?[0-9]{1,20}", re.ASCII)
_BASED = re.compile(r"0x[0-9a-fA-F]{1,16}|0o[0-7]{1,22}", re.ASCII)
_FLOAT = re.compile(
    r"-?(?:\.[0-9]{1,40}|[0-9]{1,40}(?:\.[0-9]{0,40})?)(?:[eE][-+]?[0-9]{1,3})?", re.ASCII
)


def resolve(text: str) -> Scalar:
    """The value of a plain (unquoted) scalar."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _BASED.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text
