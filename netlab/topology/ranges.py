"""Ranges of node names: ``c1..20`` is c1, c2 … c20 and ``c01..20`` is c01, c02 … c20."""

from __future__ import annotations

import re

MAX_COUNT = 4096

_RANGE = re.compile(r"(?P<stem>.*?)(?P<first>[0-9]+)\.\.(?P<last>[0-9]+)", re.ASCII | re.DOTALL)


def is_range(text: str) -> bool:
    return ".." in text


def expand(text: str) -> tuple[str, ...]:
    """The names that ``text`` stands for; itself, when it is no range.

    Raises:
        ValueError: in words, for a range that is none, runs backwards or is too long.
    """
    if not is_range(text):
        return (text,)
    match = _RANGE.fullmatch(text)
    if match is None or max(len(match["first"]), len(match["last"])) > 9:
        raise ValueError(f"{text!r} is not a range; a range looks like 'c1..20'")
    first, last = int(match["first"]), int(match["last"])
    if first > last:
        raise ValueError(f"the range {text!r} runs backwards")
    if last - first >= MAX_COUNT:
        raise ValueError(
            f"the range {text!r} has {last - first + 1} names, at most {MAX_COUNT} fit"
        )
    width = len(match["first"]) if match["first"].startswith("0") else 0
    return tuple(f"{match['stem']}{number:0{width}}" for number in range(first, last + 1))
