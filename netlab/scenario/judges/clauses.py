"""Takes a packet expression apart at its outermost ``and``: what a near miss is measured by."""

from __future__ import annotations

import re

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[()]|&&|\|\||[^\s()"&|]+|\S')


def clauses(expression: str) -> tuple[str, ...]:
    """The and-ed parts of a valid expression; the whole where an outermost ``or`` joins them."""
    depth = 0
    parts = [0]
    ends = []
    for token in _TOKEN.finditer(expression):
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        if depth:
            continue
        if token[0] in {"or", "||"}:
            return (expression.strip(),)
        if token[0] in {"and", "&&"}:
            ends.append(token.start())
            parts.append(token.end())
    return tuple(
        expression[start:end].strip()
        for start, end in zip(parts, [*ends, len(expression)], strict=True)
    )
