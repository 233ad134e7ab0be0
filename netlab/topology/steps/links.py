"""What happens to links."""

from __future__ import annotations

from dataclasses import dataclass

from netlab.topology.steps.base import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLink(Step):
    """Take a link down or up at all its ends; ``duration`` seconds later the other way."""

    link: str
    up: bool
    duration: float | None = None
