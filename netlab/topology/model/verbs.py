"""Mappings of which one key says what they are: steps and expectations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from netlab.topology.hints import did_you_mean, one_of, shown
from netlab.topology.model.base import refuse


def verb_of(verbs: tuple[str, ...]) -> Callable[[Any], str | None]:
    def find(value: Any) -> str | None:
        return next((verb for verb in verbs if verb in value), None)

    return find


def one_verb(verbs: tuple[str, ...], noun: str, example: str) -> Callable[[Any], Any]:
    """A check that a mapping has exactly one of ``verbs``, so that one mistake is one sentence."""

    def check(value: Any) -> Any:
        if not isinstance(value, dict):
            raise refuse(f"{noun} is a mapping such as {example}, not {shown(value)}")
        given = [key for key in value if key in verbs]
        if len(given) > 1:
            raise refuse(f"{noun} does one thing, not {' and '.join(given)}", "write one for each")
        if not given:
            for key in value:
                if near := did_you_mean(key, verbs):
                    raise refuse(f"{shown(key)} is no {noun.rpartition(' ')[2]}", near)
            raise refuse(f"{noun} needs one of {one_of(verbs)}")
        return value

    return check
