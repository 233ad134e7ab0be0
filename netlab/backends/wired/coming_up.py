"""Waits until the hosts of a large LAN have said what they say as they come up.

Each kernel reports the groups of its own addresses: if everybody heard everybody, a LAN of 1,000
would begin with millions of frames. So a large LAN is switched on when they have gone by.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from netlab.topology.plan import Plan

#: From so many members on, a LAN is large.
_LARGE = 32

#: Seconds without a packet that mean that nothing more will come …
_QUIET = 0.05
#: … and those that mean it though some have not said a word.
_SILENT = 1.0
_WITHIN = 5.0

#: A machine that stands still is quiet too: so it is looked again, seconds later.
_LOOKS, _PAUSE = 5, 0.01


@dataclass(frozen=True, slots=True)
class Talk:
    """``idle`` seconds since the last packet; ``heard`` interfaces have had one so far."""

    idle: float
    heard: int


def has_large_lan(plan: Plan) -> bool:
    return max((len(link.ends) for link in plan.links), default=0) >= _LARGE


async def until_said(speakers: int, listen: Callable[[], Awaitable[Talk]]) -> None:
    """Until each of so many interfaces has been heard and all are quiet, 5 s at most."""
    deadline = time.monotonic() + _WITHIN
    looks = 0
    while looks < _LOOKS and time.monotonic() < deadline:
        await asyncio.sleep(_PAUSE)
        talk = await listen()
        over = talk.idle >= (_QUIET if talk.heard >= speakers else _SILENT)
        looks = looks + 1 if over else 0
