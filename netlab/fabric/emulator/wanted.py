"""What the emulator is asked for."""

from __future__ import annotations

from dataclasses import dataclass

from netlab.topology.impairment import Fault, Profile


@dataclass(frozen=True, slots=True)
class Wanted:
    """A stretch as it is asked for; ``left`` and ``right`` are interfaces."""

    name: str
    link: str
    left: str
    right: str
    seed: str
    forward: Profile
    backward: Profile
    faults: tuple[Fault, ...] = ()
