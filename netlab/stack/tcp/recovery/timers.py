from __future__ import annotations

from netlab.stack.tcp.recovery.progress import Expired


class Timers:
    """When what expires; None where a timer is not armed."""

    __slots__ = ("probe", "reordering", "rto")

    def __init__(self) -> None:
        self.rto: int | None = None
        self.probe: int | None = None
        self.reordering: int | None = None

    def next(self) -> int | None:
        deadline = self.rto
        if self.probe is not None and (deadline is None or self.probe < deadline):
            deadline = self.probe
        if self.reordering is not None and (deadline is None or self.reordering < deadline):
            deadline = self.reordering
        return deadline

    def expired(self, now: int) -> Expired | None:
        """The gentlest of those that expired: what it leads to may save the RTO."""
        if self.reordering is not None and now >= self.reordering:
            return Expired.REORDERING
        if self.probe is not None and now >= self.probe:
            return Expired.PROBE
        if self.rto is not None and now >= self.rto:
            return Expired.RTO
        return None
