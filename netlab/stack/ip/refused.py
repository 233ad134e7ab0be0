"""Why a datagram is not taken, and what its source is told."""

from __future__ import annotations

from netlab.stack.ip.counters import Counted
from netlab.wire.icmp_error import IcmpError


class Refused(Exception):
    """Raised on the way in; ``answer`` is the ICMP error to be sent, None for silence."""

    def __init__(self, counted: Counted, answer: IcmpError | None = None) -> None:
        super().__init__(counted.value)
        self.counted = counted
        self.answer = answer
