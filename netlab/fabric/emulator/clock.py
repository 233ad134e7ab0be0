"""The monotonic clock beside the one that the kernel's time stamps are of."""

from __future__ import annotations

import time

#: The two clocks cannot be read at once; if more than this, ns, has passed between, read again.
_TOGETHER = 20_000
_TRIES = 5

#: What the clocks may drift apart, ns, before it is taken to be more than reading them costs.
_DRIFT = 50_000


class Clock:
    def __init__(self) -> None:
        self._since_1970 = _measure()

    def since_1970(self) -> int:
        """What to add to time.monotonic_ns() for time.time_ns().

        The same number as long as it can be, so that one moment is always told as one number.
        """
        measured = _measure()
        if abs(measured - self._since_1970) > _DRIFT:
            self._since_1970 = measured
        return self._since_1970


def _measure() -> int:
    for _ in range(_TRIES):
        before = time.monotonic_ns()
        now = time.time_ns()
        after = time.monotonic_ns()
        if after - before < _TOGETHER:
            break
    return now - (before + after) // 2
