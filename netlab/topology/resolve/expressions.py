"""Packet expressions that are judged inside the lab, where less is known than of its capture."""

from __future__ import annotations

from collections.abc import Mapping

from netlab.wire.expression import leaves
from netlab.wire.filter import Filter, FilterError


def refusal(expression: str, who: str, instead: Mapping[str, str]) -> str:
    """Why ``who`` cannot judge an expression, or nothing.

    ``instead`` are the fields that it does not know, and what to write for them.
    """
    try:
        tree = Filter(expression).tree
    except FilterError as error:
        return f"{error} (column {error.column} of the expression)"
    for leaf in leaves(tree):
        if leaf.name in instead:
            return f"{who} does not know a packet's {leaf.name}; use {instead[leaf.name]}"
    return ""
