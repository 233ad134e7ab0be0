"""One thing that happened to one packet, and how often it is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from netlab.fabric.emulator.packet import Packet
from netlab.topology.impairment import Fault
from netlab.wire.digest import digest

#: Of one direction: later ones are counted only. A fault is about exact packets, so more are told.
MOST_RANDOM = 1_000
MOST_FAULTS = 100_000


@dataclass(frozen=True, slots=True)
class Hit:
    """``reason`` is ``fault``, or the field of the profile that the packet met.

    ``text`` is the fault's. ``came``, ``frame_len`` and ``digest`` (hexadecimal) are those of the
    frame as it came: the same for all that happens to one packet.
    """

    action: str
    reason: str
    text: str
    t: int
    came: int
    frame_len: int
    digest: str

    def told(
        self, *, link: str, stretch: str, way: str, date: Callable[[int], int]
    ) -> dict[str, Any]:
        """The event of it. ``date`` makes ns since 1970 of the emulator's times."""
        return {
            "t": date(self.t),
            "kind": "impairment",
            "link": link,
            "stretch": stretch,
            "way": way,
            "action": self.action,
            "reason": self.reason,
            "text": self.text,
            "came": date(self.came),
            "frame_len": self.frame_len,
            "digest": self.digest,
        }


class Teller:
    """Tells of hits as they happen, up to a limit."""

    def __init__(self, on_hit: Callable[[Hit], None] | None) -> None:
        self._on_hit = on_hit
        self._random_left = MOST_RANDOM
        self._faults_left = MOST_FAULTS

    def by_chance(self, action: str, reason: str, t: int, packet: Packet) -> None:
        if self._random_left > 0:
            self._random_left -= 1
            self._tell(action, reason, "", t, packet)

    def by_fault(self, action: str, fault: Fault, t: int, packet: Packet) -> None:
        if self._faults_left > 0:
            self._faults_left -= 1
            self._tell(action, "fault", fault.text, t, packet)

    def _tell(self, action: str, reason: str, text: str, t: int, packet: Packet) -> None:
        if self._on_hit is not None:
            frame = packet.original
            hit = Hit(action, reason, text, t, packet.came, len(frame), digest(frame))
            self._on_hit(hit)
