"""What a packet expression says, as a tree; netlab.wire.filter reads its text and judges packets.

A field that the packet lacks makes every comparison false, so the negation of a comparison also
holds for packets without the field.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from netlab.wire.fields import Field, Value


@dataclass(frozen=True, slots=True)
class Presence:
    """The packet has the field; a flag is set."""

    name: str
    field: Field


@dataclass(frozen=True, slots=True)
class Comparison:
    """One of the field's values compares so; with ``!=``, all of them differ."""

    name: str
    field: Field
    sign: str  # == != < <= > >= contains
    value: Value


@dataclass(frozen=True, slots=True)
class Not:
    inner: Expression


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Expression, ...]


Expression: TypeAlias = Presence | Comparison | Not | AllOf | AnyOf


def comparisons(tree: Expression) -> Iterator[Comparison]:
    """All comparisons of an expression, from left to right."""
    return (leaf for leaf in leaves(tree) if isinstance(leaf, Comparison))


def leaves(tree: Expression) -> Iterator[Presence | Comparison]:
    """What an expression asks of fields, from left to right."""
    match tree:
        case Presence() | Comparison():
            yield tree
        case Not(inner):
            yield from leaves(inner)
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from leaves(part)
