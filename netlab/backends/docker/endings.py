"""How containers end, from an engine's events.

That the kernel has killed a program for its memory and that the program has ended come from two
sources: either may be told first.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from netlab.backends.docker.containers import LABEL

_STARVED = "was killed: it took more memory than it may have"

#: Exit code of a program that SIGKILL has ended, as the kernel does for memory.
_KILLED = 137

#: Seconds that the word about its memory may come after that of its end.
_WITHIN = 1.0


@dataclass(frozen=True, slots=True)
class Happened:
    """What the engine tells of a node's container: it is out of memory, or ended, ``how``.

    The fabric's container has no node.
    """

    node: str
    container: str
    out_of_memory: bool
    how: str


class Endings:
    """``told`` is called in any thread."""

    def __init__(self, told: Callable[[Happened], None], within: float = _WITHIN) -> None:
        self._told = told
        self._within = within
        self._starved: set[str] = set()
        self._waiting: dict[str, tuple[threading.Timer, Happened]] = {}
        self._turn = threading.Lock()

    def hear(self, event: dict[str, Any]) -> None:
        """Of the engine: ``oom`` or ``die`` of a container."""
        attributes, container = event["Actor"]["Attributes"], event["Actor"]["ID"]
        node = attributes.get(f"{LABEL}.node", "")
        if event["Action"] == "oom":
            self._starves(Happened(node, container, out_of_memory=True, how=""))
        else:
            self._ends(node, container, int(attributes.get("exitCode", 0)))

    def close(self) -> None:
        """Tell nothing more."""
        with self._turn:
            waiting, self._waiting = self._waiting, {}
        for timer, _ in waiting.values():
            timer.cancel()

    def _starves(self, happened: Happened) -> None:
        self._told(happened)
        with self._turn:
            self._starved.add(happened.container)
            waiting = self._waiting.pop(happened.container, None)
        if waiting is not None:
            waiting[0].cancel()
            self._told(replace(waiting[1], how=_STARVED))

    def _ends(self, node: str, container: str, code: int) -> None:
        happened = Happened(node, container, out_of_memory=False, how=f"exited with {code}")
        with self._turn:
            starved = container in self._starved
            if code == _KILLED and not starved:
                timer = threading.Timer(self._within, self._waits_no_more, [container])
                timer.daemon = True
                self._waiting[container] = timer, happened
                timer.start()
                return
        self._told(replace(happened, how=_STARVED) if starved else happened)

    def _waits_no_more(self, container: str) -> None:
        with self._turn:
            waiting = self._waiting.pop(container, None)
        if waiting is not None:
            self._told(waiting[1])
