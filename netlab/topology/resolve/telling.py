"""How the report calls a step: its own words, without its timing."""

from __future__ import annotations

from typing import Any

_TIMING = frozenset({"node", "at", "after", "wait", "within", "stack"})
_LIMIT = 100


def told(step: Any) -> str:
    """``c1: connect tcp server:7 from 1500 as first``."""
    if "parallel" in step:
        return f"{len(step['parallel'])} branches in parallel"
    subject = f"{step['node']}: " if step.get("node") else ""
    words = [_said(key, value) for key, value in step.items() if key not in _TIMING]
    text = subject + " ".join(words)
    return text if len(text) <= _LIMIT else f"{text[: _LIMIT - 1]}…"


def _said(key: str, value: Any) -> str:
    if value is True:
        return key
    return f"{key.replace('_', ' ')} {_plain(value)}"


def _plain(value: Any) -> str:
    match value:
        case {"text": text, **rest} if not rest:
            return repr(text)
        case dict():
            return ", ".join(_said(key, inner) for key, inner in value.items())
        case list():
            return " ".join(map(str, value))
        case str() if "\n" in value:
            return repr(value)
        case False:
            return "false"
    return str(value)
