"""What impaired links did, direction by direction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from netlab.analyse.model import ImpairedCount
from netlab.report.run import Run

#: Names of counts and what to call them; the first is always told.
_TOLD = {
    "passed": "passed",
    "fault": "dropped by faults",
    "lost": "lost at random",
    "burst": "lost in bursts",
    "queue": "found the queue full",
    "held": "held",
    "reordered": "held back",
    "duplicated": "duplicated",
    "corrupted": "corrupted",
    "overflow": "dropped for want of memory",
    "unsent": "not taken by the other side",
    "ring": "missed by the emulator",
}


@dataclass(frozen=True, slots=True)
class Row:
    """``way`` is ``->`` or ``<-``; ``why`` is the engine and why it was chosen."""

    stretch: str
    why: str
    way: str
    count: ImpairedCount

    @property
    def told(self) -> str:
        """Such as ``passed 30, lost at random 2``."""
        packets = self.count.packets
        return ", ".join(
            f"{words} {packets[name]}"
            for name, words in _TOLD.items()
            if name == "passed" or packets.get(name)
        )


def rows(run: Run) -> Iterator[Row]:
    """Two for each stretch, in the order of the links."""
    chosen = {e.data["stretch"]: e.data["text"] for e in run.events if e.kind == "stretch"}
    for count in run.analysis.impaired:
        why = chosen.get(count.stretch, count.engine)
        yield Row(count.stretch, why, "->" if count.forward else "<-", count)
