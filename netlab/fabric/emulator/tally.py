"""What became of the packets of one direction."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Tally:
    """Packets, except ``bytes``. Copies that a duplication made count like any other packet."""

    passed: int = 0
    bytes: int = 0  # of those that passed
    lost: int = 0  # dropped at random
    burst: int = 0  # dropped in a burst
    queue: int = 0  # found the queue full
    fault: int = 0  # dropped by a fault
    held: int = 0  # held by a fault
    duplicated: int = 0
    corrupted: int = 0
    reordered: int = 0
    overflow: int = 0  # dropped: more were on their way than the emulator has memory for
    unsent: int = 0  # the other side was down, or its MTU too small
    ring: int = 0  # the kernel dropped them: the emulator did not keep up
