"""What a step asks of its node's agent; each family of steps registers its own."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from netlab.topology.steps import NodeStep

Message = dict[str, Any]


@singledispatch
def request(step: NodeStep) -> Message:
    raise TypeError(f"no agent performs {type(step).__name__}")
