"""When text is acknowledged (RFC 9293, 3.8.6.3; RFC 5681, 4.2)."""

from __future__ import annotations

from enum import Enum

from netlab.stack.tcp.profile import Profile


class Acks(Enum):
    """What the user asks for."""

    DEFAULT = "default"
    #: Each segment is acknowledged at once.
    QUICK = "quick"
    #: Also those at the beginning wait for more, or for an answer.
    DELAYED = "delayed"


class DelayedAck:
    """Text of two full segments is acknowledged at once, less of it after a delay.

    ``due`` says that an ACK leaves now. A connection that has just begun acknowledges each
    segment, for its sender is in slow start; one that answers what it hears does not, for the
    answer takes the ACK along.
    """

    __slots__ = (
        "_answers",
        "_delay",
        "_heard_at",
        "_most_quick",
        "_quick",
        "due",
        "policy",
        "waiting",
    )

    def __init__(self, profile: Profile, policy: Acks) -> None:
        self.policy = policy
        self._delay = profile.delayed_ack
        self._most_quick = self._quick = profile.quick_acks
        self._answers = False
        self._heard_at: int | None = None
        self.due = False
        self.waiting = 0

    def arrived(self, now: int, size: int, mss: int) -> int | None:
        """When the ACK must leave, if it is not ``due`` now."""
        self._heard_at = now
        self.waiting += size
        if self.waiting >= 2 * mss or self.owes_each:
            self.due = True
        return None if self.due else now + self._delay

    @property
    def owes_each(self) -> bool:
        """Whether each segment is acknowledged for itself."""
        if self.policy is Acks.DEFAULT:
            return self._quick > 0 and not self._answers
        return self.policy is Acks.QUICK

    def await_answer(self) -> None:
        """As Linux has it: who was told the last word will soon say its own."""
        self._answers = True

    def hurry(self) -> None:
        """As Linux has it: who sends again what it was told to have arrived is told at once."""
        if self._most_quick:
            self._quick, self._answers = self._most_quick, False

    def demand(self) -> None:
        """What arrived wants an answer at once: out of order, a probe."""
        self.due = True

    def data_sent(self, now: int) -> None:
        if self._heard_at is not None and now - self._heard_at < self._delay:
            self._answers = True

    def sent(self) -> None:
        """A segment with an acknowledgment left."""
        if self.waiting and self._quick:
            self._quick -= 1
        self.due = False
        self.waiting = 0
