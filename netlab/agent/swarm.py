"""Notices when a program of a node starts more and more processes, while it can still be said.

A lab's processes are limited together (RLIMIT_NPROC): beyond that, none can be started in any node.
"""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

_EVERY = 0.25

#: From this part of what the whole lab may have, one node has too many.
_TOO_MANY = 0.5


def processes() -> int:
    """How many there are in this node: its /proc shows no others."""
    return sum(entry.name.isdigit() for entry in Path("/proc").iterdir())


class Swarm:
    def __init__(self, node: str, tell: Callable[[dict[str, Any]], None]) -> None:
        self._node = node
        self._tell = tell
        self._told = False

    def follow(self, name: str, ended: asyncio.Future[Any]) -> None:
        """Look now and then until the program ``name`` has ended; tell once."""
        watching = asyncio.create_task(self._watch(name))
        ended.add_done_callback(lambda _: watching.cancel())

    async def _watch(self, program: str) -> None:
        while not self._told:
            await asyncio.sleep(_EVERY)
            self.look(processes(), resource.getrlimit(resource.RLIMIT_NPROC)[0], program)

    def look(self, count: int, limit: int, program: str) -> None:
        if limit != resource.RLIM_INFINITY and count > limit * _TOO_MANY:
            self._told = True
            text = (
                f"node {self._node} has {count} processes while {program} runs there; the whole lab"
                f" may have {limit}, and beyond that none can be started in any node"
            )
            self._tell({"kind": "notice", "text": text})
