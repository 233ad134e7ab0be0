"""A sender of whole segments, as the recovery of a connection sees it."""

from __future__ import annotations

from netlab.stack.tcp.recovery.congestion.reno import Reno
from netlab.stack.tcp.recovery.limits import MILLISECOND, Limits
from netlab.stack.tcp.recovery.progress import Expired, Progress
from netlab.stack.tcp.recovery.recovery import Recovery

MSS = 1000
RTT = 50 * MILLISECOND


class Sender:
    """Segments are numbers from 0; ``now`` is nanoseconds since the SYN."""

    def __init__(self, *, sack: bool = True, segments: int = 0) -> None:
        self.recovery = Recovery(congestion=Reno(), mss=MSS, profile=Limits(), sack=False, start=0)
        self.recovery.sent(0, 0, 1)
        self.recovery.acknowledged(RTT, 1)
        self.recovery.established(mss=MSS, sack=sack)
        self.now = RTT
        self.next = 0
        self.una = 0
        self.send(segments)

    def send(self, count: int = 1) -> None:
        for _ in range(count):
            self.recovery.sent(self.now, *self.range(self.next))
            self.next += 1

    def send_again(self, number: int) -> None:
        self.recovery.sent(self.now, *self.range(number))

    def pass_time(self, duration: int = RTT) -> None:
        self.now += duration

    def ack(
        self,
        una: int,
        *blocks: int | range,
        echoed: int | None = None,
        ece: bool = False,
        more: bool = False,
    ) -> Progress:
        """All before segment ``una`` is acknowledged, and ``blocks`` selectively."""
        ranges = [
            (self.range(b.start)[0], self.range(b.stop)[0])
            if isinstance(b, range)
            else self.range(b)
            for b in blocks
        ]
        is_duplicate = una == self.una and self.next > una
        self.una = max(self.una, una)
        return self.recovery.acknowledged(
            self.now,
            1 + una * MSS,
            ranges,
            echoed_ns=echoed,
            ece=ece,
            is_duplicate=is_duplicate,
            more=more,
        )

    def time_out(self, expired: Expired) -> None:
        """Time passes until the next timer, which is this one."""
        deadline = self.recovery.next_timeout()
        assert deadline is not None
        assert self.recovery.handle_timeout(deadline - 1) is None
        self.now = deadline
        timeout = self.recovery.handle_timeout(self.now)
        assert timeout is not None
        assert timeout.expired is expired
        self.again = timeout.again

    @property
    def allowed(self) -> int:
        """Segments that may leave."""
        return self.recovery.allowance(self.now) // MSS

    @property
    def lost(self) -> int | None:
        """The segment to send again first."""
        lost = self.recovery.next_lost()
        return None if lost is None else (lost[0] - 1) // MSS

    @staticmethod
    def range(number: int) -> tuple[int, int]:
        return 1 + number * MSS, 1 + (number + 1) * MSS
