"""One bulk transfer over a link with a rate, a delay and a queue, on a virtual clock.

The sender is what a connection is to its recovery, and nothing else; the receiver acknowledges
selectively, reports duplicates and echoes timestamps as the RFCs say.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from random import Random
from typing import TypeAlias

from netlab.stack.tcp.ranges import Range
from netlab.stack.tcp.recovery.progress import Expired, Progress
from netlab.stack.tcp.recovery.recovery import Recovery

MILLISECOND = 1_000_000
SECOND = 1_000_000_000
HEADERS = 52
TICK = MILLISECOND


@dataclass(frozen=True, slots=True)
class Link:
    """One direction. Chances are of one packet; times nanoseconds, the queue bytes."""

    rate: int = 100_000_000
    delay: int = 10 * MILLISECOND
    queue: int = 250_000
    loss: float = 0.0
    duplication: float = 0.0
    #: So many are delayed by ``late`` more.
    reordering: float = 0.0
    late: int = 5 * MILLISECOND
    #: Beyond so many queued bytes, packets are marked (RFC 3168).
    mark: int | None = None
    #: Numbers of packets, from 0, that are lost whatever the chance.
    lose: frozenset[int] = frozenset()
    #: From when to when all that is sent waits.
    stall: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Data:
    start: int
    end: int
    stamp: int
    marked: bool = False
    cwr: bool = False


@dataclass(frozen=True, slots=True)
class Ack:
    una: int
    blocks: tuple[Range, ...]
    echo: int
    ece: bool = False


Packet: TypeAlias = Data | Ack


@dataclass(slots=True)
class Receiver:
    """Keeps what came, acknowledges every second segment in order and any other at once."""

    sack: bool
    timestamps: bool
    next: int
    kept: list[Range] = field(default_factory=list)
    #: Blocks to tell of, the newest first (RFC 2018, 4).
    recent: list[Range] = field(default_factory=list)
    echo: int = 0
    ece: bool = False
    unacknowledged: int = 0
    duplicates: int = 0

    def receive(self, data: Data) -> Ack | None:
        """Takes data in; returns an ACK unless it is delayed."""
        if data.cwr:
            self.ece = False
        self.ece |= data.marked
        if data.start <= self.next and data.stamp >= self.echo:
            self.echo = data.stamp
        twice = self._duplicate(data)
        in_order = data.start == self.next and not self.kept
        self._keep(data)
        self.unacknowledged += 1
        if in_order and twice is None and self.unacknowledged < 2:
            return None
        return self.acknowledge(twice)

    def acknowledge(self, twice: Range | None = None) -> Ack:
        self.unacknowledged = 0
        blocks: list[Range] = []
        if self.sack:
            blocks = [*([twice] if twice else []), *self.recent][:3]
        return Ack(self.next, tuple(blocks), self.echo, self.ece)

    def _duplicate(self, data: Data) -> Range | None:
        """What of ``data`` came before, if all of it did (RFC 2883)."""
        if data.end <= self.next or any(s <= data.start and data.end <= e for s, e in self.kept):
            self.duplicates += 1
            return data.start, data.end
        return None

    def _keep(self, data: Data) -> None:
        start, end = max(data.start, self.next), data.end
        if start >= end:
            return
        apart = [(s, e) for s, e in self.kept if e < start or s > end]
        touching = [(s, e) for s, e in self.kept if not (e < start or s > end)]
        whole = min([start, *[s for s, _ in touching]]), max([end, *[e for _, e in touching]])
        self.recent = [block for block in self.recent if block in apart]
        if whole[0] <= self.next:
            self.next = whole[1]
        else:
            apart.append(whole)
            self.recent.insert(0, whole)
        self.kept = sorted(apart)


class Transfer:
    """Sends ``total`` bytes through ``recovery`` over ``link``; ``reply`` leads back."""

    def __init__(
        self,
        recovery: Recovery,
        total: int,
        link: Link,
        *,
        seed: int = 1,
        reply: Link | None = None,
        timestamps: bool = True,
        ecn: bool = False,
        chunk: int = 1,
        watch: Callable[[int, Progress], None] = lambda _now, _progress: None,
    ) -> None:
        self.recovery = recovery
        self.now = 0
        self.packets = self.again = 0
        self.timeouts: list[Expired] = []
        self.receiver = Receiver(recovery.sack, timestamps, 0)
        self._total = total
        self._link = link
        self._reply = reply or Link(rate=link.rate, delay=link.delay)
        self._timestamps = timestamps
        self._ecn = ecn
        self._chunk = chunk
        self._watch = watch
        self._random = Random(seed)  # noqa: S311 - losses, not secrets
        self._una = self._next = 0
        self._order = 0
        self._arriving: list[tuple[int, int, Packet]] = []
        self._busy = {Data: 0, Ack: 0}
        self._queued: deque[tuple[int, int]] = deque()
        self._delayed_ack: int | None = None

    def run(self, limit: int = 600 * SECOND) -> int:
        """Returns the nanoseconds until all is acknowledged; raises after ``limit`` of them."""
        self._send()
        while self._una < self._total:
            timers = (self.recovery.next_timeout(), self._delayed_ack)
            times = [time for time in timers if time is not None]
            if self._arriving:
                times.append(self._arriving[0][0])
            if not times:
                raise AssertionError(
                    f"nothing is awaited, with {self._una} of {self._total} acknowledged"
                )
            self.now = max(self.now, min(times))
            if self.now > limit:
                raise AssertionError(f"{self._una} of {self._total} bytes after {limit} ns")
            self._step()
        return self.now

    def _step(self) -> None:
        if self._arriving and self._arriving[0][0] <= self.now:
            packet = heappop(self._arriving)[2]
            if isinstance(packet, Data):
                self._received(packet)
            else:
                self._acknowledged(packet)
        elif self._delayed_ack is not None and self._delayed_ack <= self.now:
            self._delayed_ack = None
            self._carry(self.receiver.acknowledge())
        else:
            self._timed_out()

    def _received(self, data: Data) -> None:
        ack = self.receiver.receive(data)
        if ack is None:
            self._delayed_ack = self.now + 40 * MILLISECOND
        else:
            self._delayed_ack = None
            self._carry(ack)

    def _acknowledged(self, ack: Ack) -> None:
        is_duplicate = ack.una == self._una < self._next
        self._una = max(self._una, ack.una)
        progress = self.recovery.acknowledged(
            self.now,
            ack.una,
            ack.blocks,
            echoed_ns=ack.echo if self._timestamps else None,
            ece=ack.ece,
            is_duplicate=is_duplicate,
            more=self._next < self._total,
        )
        self._watch(self.now, progress)
        self._send()

    def _timed_out(self) -> None:
        timeout = self.recovery.handle_timeout(self.now)
        if timeout is None:
            return
        self.timeouts.append(timeout.expired)
        if timeout.expired is Expired.PROBE and self._next == self._total:
            assert timeout.again is not None
            self._transmit(*timeout.again)
        self._send()

    def _send(self) -> None:
        while True:
            allowance = self.recovery.allowance(self.now)
            mss = self.recovery.mss
            lost = self.recovery.next_lost()
            start, end = lost or (self._next, self._total)
            end = min(end, start + mss * max(min(self._chunk, allowance // mss), 1))
            if start == end or allowance < end - start:
                return
            self._transmit(start, end)

    def _transmit(self, start: int, end: int) -> None:
        cwr = self._ecn and start == self._next and self.recovery.cwr_due
        self.again += start < self._next
        self._next = max(self._next, end)
        self.recovery.sent(self.now, start, end)
        stamp = self.now // TICK * TICK
        for at in range(start, end, self.recovery.mss):
            self._carry(Data(at, min(at + self.recovery.mss, end), stamp, cwr=cwr))

    def _carry(self, packet: Packet) -> None:
        link = self._link if isinstance(packet, Data) else self._reply
        size = HEADERS + (packet.end - packet.start if isinstance(packet, Data) else 0)
        if isinstance(packet, Data):
            self.packets += 1
            queued = self._queue(size)
            if queued > link.queue or self.packets - 1 in link.lose:
                return
            if link.mark is not None and queued > link.mark:
                packet = Data(packet.start, packet.end, packet.stamp, self._ecn, packet.cwr)
        leaves = max(self._busy[type(packet)], self.now) + size * 8 * SECOND // link.rate
        self._busy[type(packet)] = leaves
        if isinstance(packet, Data):
            self._queued.append((leaves, size))
        if self._random.random() < link.loss:
            return
        arrives = leaves + link.delay
        if link.stall[0] <= leaves < link.stall[1]:
            arrives = link.stall[1] + link.delay
        if self._random.random() < link.reordering:
            arrives += link.late
        copies = 2 if self._random.random() < link.duplication else 1
        for _ in range(copies):
            self._order += 1
            heappush(self._arriving, (arrives, self._order, packet))

    def _queue(self, size: int) -> int:
        """How many bytes would wait, with ``size`` more."""
        while self._queued and self._queued[0][0] <= self.now:
            self._queued.popleft()
        return sum(waiting for _, waiting in self._queued) + size
