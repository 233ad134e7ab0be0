"""What happens to links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from netlab.topology.impairment import Fault
from netlab.topology.steps.base import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLink(Step):
    """Take a link down or up at all its ends; ``duration`` seconds later the other way."""

    link: str
    up: bool
    duration: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlapLink(Step):
    """``times`` times: down for ``down`` seconds, then up for ``up`` seconds."""

    link: str
    down: float
    up: float
    times: int


@dataclass(frozen=True, slots=True)
class ProfileChange:
    """Fields of a Profile that one direction of a stretch gets; ``end`` as in Impairment."""

    end: str | None
    forward: bool
    fields: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpairLink(Step):
    """Change what is named and nothing else; ``duration`` seconds later as it was before."""

    link: str
    changes: tuple[ProfileChange, ...]
    duration: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddFault(Step):
    """From now on, for ``duration`` seconds; each fault with the ``end`` of its stretch."""

    link: str
    faults: tuple[tuple[str | None, Fault], ...]
    duration: float | None = None
