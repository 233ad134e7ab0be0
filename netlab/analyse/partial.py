"""Captures that are too long to analyse whole: the first frames of them are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from netlab.analyse.model import Sighting, Transit
from netlab.collect.capture import MOST_FRAMES
from netlab.wire.pcapng import Block, Frame

#: A packet that was under way so shortly before the end, ns, may have arrived after it.
_UNDER_WAY = 1_000_000_000


def first(blocks: Iterable[Block | Sighting]) -> tuple[list[Block | Sighting], bool]:
    """The blocks up to the last frame that is analysed, and whether there are more."""
    taken: list[Block | Sighting] = []
    frames = 0
    for block in blocks:
        if isinstance(block, Frame | Sighting):
            if frames == MOST_FRAMES:
                return taken, True
            frames += 1
        taken.append(block)
    return taken, False


def undecided(transits: Sequence[Transit], end: int) -> tuple[Transit, ...]:
    """Where the analysis ends at ``end``, nobody knows what became of the last packets."""
    return tuple(
        replace(transit, lost_after=None)
        if transit.lost_after and transit.hops[-1].t > end - _UNDER_WAY
        else transit
        for transit in transits
    )


def notice(frames: int) -> str | None:
    """What to say of a capture of so many frames; None when all of them are analysed."""
    if frames <= MOST_FRAMES:
        return None
    return (
        f"the capture has {frames:,} frames, all of them in lab.pcapng; the first {MOST_FRAMES:,}"
        " are analysed, and expectations that need the others are not met"
    )
