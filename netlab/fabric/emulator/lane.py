"""Carries out one direction of a stretch: from a port, through its way, to the other port."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

from netlab.clock import Clock
from netlab.fabric.emulator.port import Port, Sent
from netlab.fabric.emulator.sequences import is_syn
from netlab.fabric.emulator.way import Way

#: Frames taken from one port before the others have their turn.
_AT_A_TIME = 64

#: Nanoseconds until a frame that found no room is sent again, and until that is given up.
_RETRY = 200_000
_GIVE_UP = 50_000_000

#: Frames that may wait for room.
_MOST_UNSENT = 4096

#: A packet's time that lies further back than this, ns, is no time of its own.
_OLDEST = 1_000_000_000


class Lane:
    def __init__(self, source: Port, target: Port, way: Way, clock: Clock) -> None:
        self.source = source
        self.way = way
        self._target = target
        self._clock = clock
        self._unsent: deque[bytes] = deque()
        self._refused = 0
        self._retry_at = 0
        self._last = 0
        #: When the agenda will come back to it.
        self.scheduled: int | None = None

    @property
    def next_timeout(self) -> int | None:
        due = self.way.next_timeout
        if not self._unsent:
            return due
        return self._retry_at if due is None else min(due, self._retry_at)

    def receive(self) -> None:
        """Take what has come; what may go on at once does."""
        if self.way.is_clear:
            self._pass()
        else:
            self._impair()

    def _pass(self) -> None:
        """Frames go from the kernel's memory to the kernel, and nobody looks at them."""
        send, bytes_passed, passed = self._target.send, 0, 0
        for _, frame in self.source.read(_AT_A_TIME):
            if is_syn(frame):
                self.way.sequences.watch(bytes(frame))
            sent = Sent.LATER if self._unsent else send(frame)
            if sent is Sent.YES:
                passed += 1
                bytes_passed += len(frame)
            else:
                self._take_note(sent, bytes(frame))
        self.way.tally.passed += passed
        self.way.tally.bytes += bytes_passed

    def _impair(self) -> None:
        now = time.monotonic_ns()
        clock, receive = self._clock, self.way.receive
        clock.new_step()
        for stamp, frame in self.source.read(_AT_A_TIME):
            came = stamp + clock.shift(stamp) - clock.since_1970
            if came > now:  # while those before it were read
                now = time.monotonic_ns()
            if not now - _OLDEST < came <= now:
                came = now
            self._last = max(self._last, came)
            receive(self._last, bytes(frame))
        self.send_due(max(now, self._last))

    def send_due(self, now: int) -> None:
        """Send what is due, and try again what found no room."""
        if self._unsent and now >= self._retry_at:
            self._try_again(now)
        for frame in self.way.frames_to_send(now):
            self._send(frame)

    def _send(self, frame: bytes) -> None:
        self._take_note(Sent.LATER if self._unsent else self._target.send(frame), frame)

    def _take_note(self, sent: Sent, frame: bytes) -> None:
        if sent is Sent.YES:
            self._count(frame)
        elif sent is Sent.LATER and len(self._unsent) < _MOST_UNSENT:
            if not self._unsent:
                self._refused = time.monotonic_ns()
                self._retry_at = self._refused + _RETRY
            self._unsent.append(frame)
        else:
            self.way.tally.unsent += 1

    def _try_again(self, now: int) -> None:
        while self._unsent:
            sent = self._target.send(self._unsent[0])
            if sent is Sent.LATER and now - self._refused < _GIVE_UP:
                self._retry_at = now + _RETRY
                return
            frame = self._unsent.popleft()
            if sent is Sent.YES:
                self._refused = now
                self._count(frame)
            else:
                self.way.tally.unsent += 1

    def _count(self, frame: bytes) -> None:
        self.way.tally.passed += 1
        self.way.tally.bytes += len(frame)

    def counts(self) -> dict[str, Any]:
        tally = self.way.tally
        tally.ring = self.source.count_drops()
        return {name: getattr(tally, name) for name in tally.__slots__}
