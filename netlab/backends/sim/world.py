"""What happens outside of programs, and when: an agenda of exact times."""

from __future__ import annotations

import heapq
from collections.abc import Callable

from netlab.errors import LabError

#: So much may happen in one instant; more is a loop that passes no time.
_MOST_AT_ONCE = 1_000_000


class World:
    """``now`` is ns since the world began. What is due at one time happens in the order given.

    When all that is due at an instant has happened, those who were ``touched`` have their turn,
    once, in the order of their numbers.
    """

    __slots__ = ("_agenda", "_order", "_touched", "now")

    def __init__(self) -> None:
        self.now = 0
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._order = 0
        self._touched: dict[int, Callable[[], None]] = {}

    def __len__(self) -> int:
        """How much is still to happen."""
        return len(self._agenda) + len(self._touched)

    @property
    def next(self) -> int | None:
        """When something happens next."""
        if self._touched:
            return self.now
        return max(self.now, self._agenda[0][0]) if self._agenda else None

    def at(self, when: int, action: Callable[[], None]) -> None:
        """A time that has passed means now."""
        self._order += 1
        heapq.heappush(self._agenda, (when, self._order, action))

    def touch(self, number: int, turn: Callable[[], None]) -> None:
        self._touched[number] = turn

    def settle(self) -> bool:
        """Let all happen that is due now; whether there was anything."""
        for count in range(_MOST_AT_ONCE):
            if self._agenda and self._agenda[0][0] <= self.now:
                heapq.heappop(self._agenda)[2]()
            elif self._touched:
                touched, self._touched = self._touched, {}
                for number in sorted(touched):
                    touched[number]()
            else:
                return count > 0
        raise LabError(f"at {self.now} ns there is no end of what happens at once")

    def advance(self, until: int) -> bool:
        """Go on to what happens next, but not beyond ``until``; whether anything happened."""
        when = self.next
        if when is None or when > until:
            self.now = max(self.now, until)
            return False
        self.now = when
        self.settle()
        return True

    def run(self, until: int) -> None:
        """Let everything happen up to then."""
        while self.advance(until):
            pass
