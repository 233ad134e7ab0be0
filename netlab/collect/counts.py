"""How complete a capture is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InterfaceCount:
    """What the capture of one interface saw and what it lost, in packets."""

    node: str
    interface: str
    packets: int
    drops: int
