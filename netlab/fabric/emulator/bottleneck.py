"""A rate, and the queue of packets that wait for it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from netlab.fabric.emulator.packet import Packet

#: The queue of a profile that gives none: so many full-size frames, or as much as is sent in so
#: many nanoseconds, whichever is more.
_USUAL_FRAMES = 10
_USUAL_TIME = 100_000_000

_BITS_TIMES_NANOSECONDS = 8_000_000_000


class Bottleneck:
    """Sends one packet after the other; drops what finds the queue full (drop-tail).

    The packet being sent does not wait any more, so it does not count to the queue.
    """

    def __init__(self, largest_frame: int) -> None:
        self._largest_frame = largest_frame
        self._rate: float | None = None
        self._limit: float = 0
        self._sending: Packet | None = None
        self._waiting: deque[Packet] = deque()
        self.bytes = 0
        self.next_sent: int | None = None
        self._idle_since = 0

    def __len__(self) -> int:
        return len(self._waiting) + (self._sending is not None)

    def set(self, now: int, rate: float | None, queue: int | None) -> None:
        """``rate`` in bits per second, ``queue`` in bytes.

        What is left of the packet being sent goes at the new rate.
        """
        if self.next_sent is not None:
            assert self._rate is not None, "without a rate, nothing takes time to send"
            left = (self.next_sent - now) * self._rate
            self.next_sent = now if rate is None else now + round(left / rate)
        self._rate = rate
        self._limit = _usual_queue(rate, self._largest_frame) if queue is None else queue

    def accepts(self, packet: Packet) -> bool:
        return self._sending is None or self.bytes + len(packet.frame) <= self._limit

    def push(self, now: int, packet: Packet) -> None:
        """To be called when all that was sent by ``now`` has been popped."""
        if self._sending is None:
            self._begin(max(now, self._idle_since), packet)
        else:
            self._waiting.append(packet)
            self.bytes += len(packet.frame)

    def pop(self, now: int) -> Iterator[tuple[int, Packet]]:
        """The packets that have been sent by ``now``, each with the time its last bit left."""
        while self.next_sent is not None and self.next_sent <= now:
            assert self._sending is not None, "what is sent at a time is being sent until then"
            sent, packet = self.next_sent, self._sending
            if self._waiting:
                following = self._waiting.popleft()
                self.bytes -= len(following.frame)
                self._begin(sent, following)
            else:
                self._sending = self.next_sent = None
                self._idle_since = sent
            yield sent, packet

    def _begin(self, now: int, packet: Packet) -> None:
        self._sending = packet
        self.next_sent = now
        if self._rate is not None:
            self.next_sent += round(len(packet.frame) * _BITS_TIMES_NANOSECONDS / self._rate)


def _usual_queue(rate: float | None, largest_frame: int) -> float:
    if rate is None:
        return float("inf")
    return max(_USUAL_FRAMES * largest_frame, rate * _USUAL_TIME / _BITS_TIMES_NANOSECONDS)
