"""How several streams share one: each piece of a stream in a frame of its own.

A frame is a header, the stream's number and the length of what follows, and that many bytes. The
stream CONTROL carries one JSON message a frame; of all others, an empty frame is the end.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Any

CONTROL = 0

_HEADER = struct.Struct("!II")


def frame(stream: int, data: bytes) -> bytes:
    return _HEADER.pack(stream, len(data)) + data


def message(content: dict[str, Any]) -> bytes:
    """A frame with a message."""
    return frame(CONTROL, json.dumps(content, separators=(",", ":")).encode())


class Frames:
    """Puts frames together from the pieces that arrive.

    ``header`` unpacks to a stream's number and the length of what follows.
    """

    def __init__(self, header: struct.Struct = _HEADER) -> None:
        self._header = header
        self._input = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """(stream, what it carries) for every frame that is complete."""
        self._input += data
        start, head = 0, self._header.size
        while len(self._input) - start >= head:
            stream, size = self._header.unpack_from(self._input, start)
            end = start + head + size
            if len(self._input) < end:
                break
            yield stream, bytes(self._input[start + head : end])
            start = end
        del self._input[:start]
