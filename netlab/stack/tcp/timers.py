"""Deadlines of one connection that are not retransmission's."""

from __future__ import annotations

from enum import IntEnum


class Timer(IntEnum):
    DELAYED_ACK = 0  # RFC 9293, 3.8.6.3
    PERSIST = 1  # RFC 9293, 3.8.6.1
    OVERRIDE = 2  # RFC 9293, 3.8.6.2.1: silly windows are filled in the end
    KEEPALIVE = 3  # RFC 9293, 3.8.4
    USER_TIMEOUT = 4  # RFC 9293, 3.8.3
    TIME_WAIT = 5  # RFC 9293, 3.6.1; and FIN_WAIT_2 of a connection nobody holds any more
    QUIET = 6  # RFC 9293, 3.4.3


class Timers:
    """To arm one again is to store a number."""

    __slots__ = ("_deadlines",)

    def __init__(self) -> None:
        self._deadlines: list[int | None] = [None] * len(Timer)

    def __getitem__(self, timer: Timer) -> int | None:
        return self._deadlines[timer]

    def set(self, timer: Timer, deadline: int) -> None:
        self._deadlines[timer] = deadline

    def set_unless_running(self, timer: Timer, deadline: int) -> None:
        if self._deadlines[timer] is None:
            self._deadlines[timer] = deadline

    def stop(self, timer: Timer) -> None:
        self._deadlines[timer] = None

    def stop_all(self) -> None:
        self._deadlines = [None] * len(Timer)

    def next(self) -> int | None:
        earliest = None
        for deadline in self._deadlines:
            if deadline is not None and (earliest is None or deadline < earliest):
                earliest = deadline
        return earliest

    def expired(self, now: int) -> list[Timer]:
        """Those whose time has come, which are stopped by this."""
        found: list[Timer] = []
        due = self.next()
        if due is None or due > now:
            return found
        for timer in Timer:
            deadline = self._deadlines[timer]
            if deadline is not None and deadline <= now:
                self._deadlines[timer] = None
                found.append(timer)
        return found
