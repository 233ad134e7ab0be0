"""How much of what was received an event carries."""

from __future__ import annotations

_CHARACTERS = 1024

#: Bytes that are so many characters, whatever they are.
EXCERPT_SIZE = _CHARACTERS * 4


def text_of(data: bytes | bytearray) -> str:
    return bytes(data[:EXCERPT_SIZE]).decode(errors="replace")[:_CHARACTERS]
