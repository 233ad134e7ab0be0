"""One thing that happened to one packet, and how often it is told."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from netlab.topology.impairment import Fault

#: Of one direction: later ones are counted only. A fault is about exact packets, so more are told.
MOST_RANDOM = 1_000
MOST_FAULTS = 100_000

_DIGEST_BYTES = 8


@dataclass(frozen=True, slots=True)
class Hit:
    """``reason`` is ``fault``, or the field of the profile that the packet met.

    ``text`` is the fault's; ``digest`` is of the frame as it came, in hexadecimal.
    """

    action: str
    reason: str
    text: str
    t: int
    frame_len: int
    digest: str


class Teller:
    """Tells of hits as they happen, up to a limit."""

    def __init__(self, on_hit: Callable[[Hit], None] | None) -> None:
        self._on_hit = on_hit
        self._random_left = MOST_RANDOM
        self._faults_left = MOST_FAULTS

    def by_chance(self, action: str, reason: str, t: int, frame: bytes) -> None:
        if self._random_left > 0:
            self._random_left -= 1
            self._tell(Hit(action, reason, "", t, len(frame), digest(frame)))

    def by_fault(self, action: str, fault: Fault, t: int, frame: bytes) -> None:
        if self._faults_left > 0:
            self._faults_left -= 1
            self._tell(Hit(action, "fault", fault.text, t, len(frame), digest(frame)))

    def _tell(self, hit: Hit) -> None:
        if self._on_hit is not None:
            self._on_hit(hit)


def digest(frame: bytes) -> str:
    return hashlib.blake2b(frame, digest_size=_DIGEST_BYTES).hexdigest()
