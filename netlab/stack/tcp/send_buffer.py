"""What the user gave to be sent, until it is acknowledged."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

#: Smaller writes are gathered, so that a million of one byte are not a million objects.
_SMALL = 2048
_GATHERED = 64 << 10
_COMPACT_AT = 64


class SendBuffer:
    """Bytes named by their sequence numbers, from ``start`` up to, not including, ``end``.

    It holds at most ``limit`` bytes; a write beyond that takes less. Payload is copied when it is
    written, unless it is of ``bytes``, and when a piece crosses from one write to the next.
    """

    __slots__ = ("_chunks", "_head", "_starts", "_tail", "end", "limit", "start")

    def __init__(self, start: int, limit: int) -> None:
        self.start = start
        self.end = start
        self.limit = limit
        self._starts: list[int] = []
        self._chunks: list[bytes | memoryview] = []
        self._head = 0
        self._tail = bytearray()

    def __len__(self) -> int:
        return self.end - self.start

    @property
    def free(self) -> int:
        return max(0, self.limit - (self.end - self.start))

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """How many bytes of ``data`` were taken."""
        taken = min(len(data), self.free)
        if not taken:
            return 0
        if taken < _SMALL:
            self._tail += data[:taken]
            self.end += taken
            if len(self._tail) >= _GATHERED:
                self._seal()
        else:
            self._seal()
            self._append(_kept(data, taken))
            self.end += taken
        return taken

    def piece(self, start: int, end: int) -> bytes | memoryview:
        """The bytes from ``start`` up to, not including, ``end``, which must be held."""
        if end - start > 0 and start >= self._tail_start:
            offset = start - self._tail_start
            return bytes(self._tail[offset : offset + end - start])
        parts = list(self._parts(start, end))
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def acknowledge(self, number: int) -> None:
        """Forget all before ``number``."""
        number = min(max(number, self.start), self.end)
        self.start = number
        if number >= self._tail_start:
            del self._tail[: number - self._tail_start]
            self._starts.clear()
            self._chunks.clear()
            self._head = 0
            return
        last = bisect_right(self._starts, number, lo=self._head) - 1
        for gone in range(self._head, last):
            self._chunks[gone] = b""
        self._head = last
        if last > _COMPACT_AT and 2 * last > len(self._starts):
            del self._starts[:last], self._chunks[:last]
            self._head = 0

    @property
    def _tail_start(self) -> int:
        return self.end - len(self._tail)

    def _seal(self) -> None:
        if self._tail:
            self._starts.append(self._tail_start)
            self._chunks.append(bytes(self._tail))
            self._tail = bytearray()

    def _append(self, chunk: bytes | memoryview) -> None:
        self._starts.append(self.end)
        self._chunks.append(chunk)

    def _parts(self, start: int, end: int) -> Iterator[bytes | memoryview]:
        place = bisect_right(self._starts, start, lo=self._head) - 1
        while start < end and start < self._tail_start:
            chunk = self._chunks[place]
            offset = start - self._starts[place]
            taken = min(len(chunk) - offset, end - start)
            yield chunk if taken == len(chunk) else memoryview(chunk)[offset : offset + taken]
            start += taken
            place += 1
        if start < end:
            offset = start - self._tail_start
            yield bytes(self._tail[offset : offset + end - start])


def _kept(data: bytes | bytearray | memoryview, size: int) -> bytes | memoryview:
    """The beginning of ``data``, which is copied only if it may change."""
    if isinstance(data, bytes):
        return data if size == len(data) else memoryview(data)[:size]
    if isinstance(data, memoryview) and isinstance(data.obj, bytes) and data.format == "B":
        return data[:size]
    return bytes(data[:size])
