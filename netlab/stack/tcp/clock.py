"""The clock of timestamps (RFC 7323, 5.4)."""

from __future__ import annotations

from netlab.stack.tcp.sequence import unwrap


class TimestampClock:
    """It counts once in ``unit`` (ns) and begins with ``offset``; values are unwrapped."""

    __slots__ = ("offset", "unit")

    def __init__(self, unit: int, offset: int) -> None:
        self.unit = unit
        self.offset = offset

    def value(self, now: int) -> int:
        return now // self.unit + self.offset

    def time_of(self, echo: int, now: int) -> int:
        """When (ns) the 32-bit value was sent that the peer echoes."""
        return (unwrap(echo, self.value(now)) - self.offset) * self.unit
