"""What arrived, until the user reads it (RFC 9293, 3.8.6; RFC 2018; RFC 2883)."""

from __future__ import annotations

from netlab.stack.tcp.ranges import Range, Ranges

#: A header of TCP has room for so many blocks beside timestamps (RFC 2018, 3).
MAX_BLOCKS = 3
#: Each piece out of order costs more memory than its bytes: so many are kept, and one more for
#: each so many bytes of the buffer. What comes beyond is dropped and sent again by the peer.
_LEAST_PIECES = 64
_BYTES_A_PIECE = 256
_SMALL = 512
#: A reader of more than this gets what came as it came, without another copy.
_ENOUGH = 16 << 10


class ReceiveBuffer:
    """``next`` is the number of the first byte that is missing; what comes later is held.

    In-order bytes wait in ``queued`` for the user. The bytes of both are bounded by the window,
    which ``room`` is the most of.
    """

    __slots__ = ("_held", "_pieces", "_ready", "_recent", "capacity", "duplicate", "next", "queued")

    def __init__(self, start: int, capacity: int) -> None:
        self.next = start
        self.capacity = capacity
        self.queued = 0
        self.duplicate: Range | None = None
        self._ready: list[bytes | bytearray] = []
        self._held = Ranges()
        self._pieces: dict[int, bytes] = {}
        self._recent: list[int] = []

    @property
    def room(self) -> int:
        return max(0, self.capacity - self.queued)

    @property
    def has_holes(self) -> bool:
        return bool(self._pieces)

    @property
    def has_blocks(self) -> bool:
        return bool(self._pieces) or self.duplicate is not None

    def take(self, start: int, payload: bytes | memoryview) -> int:
        """Take in text that lies within the window; how many bytes became readable.

        ``duplicate`` becomes the range that was here already, if there is one.
        """
        end = start + len(payload)
        if start == self.next and not self._pieces:
            self._queue(payload)
            self.next = end
            return len(payload)
        if start < self.next:
            self._notice_duplicate((start, min(end, self.next)))
        if end <= self.next:
            return 0
        if start > self.next:
            self._hold(start, end, payload)
            return 0
        return self._fill(end, payload[self.next - start :])

    def notice_old(self, start: int, end: int) -> None:
        """A segment arrived all of which was here before."""
        self._notice_duplicate((start, end))

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes in order; empty when there are none."""
        if not self._ready or size <= 0:
            return b""
        if len(self._ready[0]) > size:
            chunk = self._ready[0]
            self._ready[0] = chunk[size:]
            self.queued -= size
            return bytes(chunk[:size])
        ready = self._ready
        length, count = len(ready[0]), 1
        while count < len(ready) and length < _ENOUGH and length + len(ready[count]) <= size:
            length += len(ready[count])
            count += 1
        taken = ready[:count]
        del ready[:count]
        self.queued -= length
        return bytes(taken[0]) if count == 1 else b"".join(taken)

    def blocks(self) -> list[Range]:
        """What a SACK option says: a duplicate first, then what arrived most recently.

        The duplicate is told once (RFC 2883, 4).
        """
        found: list[Range] = []
        for number in reversed(self._recent):
            block = self._held.around(number)
            if block is not None and block not in found:
                found.append(block)
        if self.duplicate is not None:
            found.insert(0, self.duplicate)
            self.duplicate = None
        return found[:MAX_BLOCKS]

    def _hold(self, start: int, end: int, payload: bytes | memoryview) -> None:
        self._notice_duplicate(self._held.overlap(start, end))
        gaps = self._held.missing(start, end)
        for gap_start, gap_end in gaps:
            if len(self._pieces) >= _LEAST_PIECES + self.capacity // _BYTES_A_PIECE:
                return
            self._pieces[gap_start] = bytes(payload[gap_start - start : gap_end - start])
            self._held.add(gap_start, gap_end)
        if start in self._recent:
            self._recent.remove(start)
        self._recent.append(start)
        del self._recent[: -MAX_BLOCKS - 1]

    def _fill(self, end: int, payload: bytes | memoryview) -> int:
        """Text at the left edge: it, and what was held behind it, becomes readable."""
        first = self.next
        self._notice_duplicate(self._held.overlap(first, end))
        for gap_start, gap_end in self._held.missing(first, end):
            self._pieces[gap_start] = bytes(payload[gap_start - first : gap_end - first])
        while (piece := self._pieces.pop(self.next, None)) is not None:
            self._queue(piece)
            self.next += len(piece)
        self._held.remove_below(self.next)
        return self.next - first

    def _queue(self, payload: bytes | memoryview) -> None:
        self.queued += len(payload)
        last = self._ready[-1] if self._ready else None
        if len(payload) < _SMALL and isinstance(last, bytearray) and len(last) < _SMALL * 8:
            last += payload
        else:
            self._ready.append(bytearray(payload) if len(payload) < _SMALL else bytes(payload))

    def _notice_duplicate(self, seen: Range | None) -> None:
        if seen is not None and seen[0] < seen[1]:
            self.duplicate = seen
