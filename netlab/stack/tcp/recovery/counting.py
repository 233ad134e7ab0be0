from __future__ import annotations

from netlab.stack.tcp.ranges import Range
from netlab.stack.tcp.recovery.scoreboard import Fate, Scoreboard

#: DupThresh of RFC 6675, 4.
THRESHOLD = 3


class Counting:
    """Takes for lost what the peer has enough beyond of (RFC 6675, 4: IsLost).

    What was sent again is not taken for lost once more; for that, the RTO is waited for.
    """

    __slots__ = ("_judged_to",)

    def __init__(self, start: int) -> None:
        #: Everything below was taken for lost, if it was in flight.
        self._judged_to = start

    def detect(self, board: Scoreboard, mss: int) -> list[Range]:
        if not board.sacked:
            return []
        beyond = pieces = 0
        lost: list[Range] = []
        enough_at = self._judged_to
        for segment in board.from_the_end():
            if segment.end <= self._judged_to:
                break
            if segment.fate is Fate.SACKED:
                beyond += segment.size
                pieces += 1
            elif pieces >= THRESHOLD or beyond > (THRESHOLD - 1) * mss:
                enough_at = max(enough_at, segment.end)
                if segment.fate is Fate.IN_FLIGHT and not segment.retransmitted:
                    board.lose(segment)
                    lost.append((segment.start, segment.end))
        self._judged_to = enough_at
        return lost[::-1]
