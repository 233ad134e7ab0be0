"""Messages in a stream of bytes: how a sender marks their ends and a receiver finds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from netlab.agent.channel import Message


class Framing(Protocol):
    def frame(self, message: bytes) -> bytes:
        """What to write for a message."""
        ...

    def missing(self, begun: bytes) -> int:
        """How many bytes to read at most to come nearer to the end of a message, 0 at its end."""
        ...

    def message(self, frame: bytes) -> bytes:
        """The message of a whole frame."""
        ...


@dataclass(frozen=True, slots=True)
class FixedLength:
    """Every message takes ``size`` bytes; a shorter one is padded with zeros."""

    size: int

    def frame(self, message: bytes) -> bytes:
        return message.ljust(self.size, b"\0")

    def missing(self, begun: bytes) -> int:
        return self.size - len(begun)

    def message(self, frame: bytes) -> bytes:
        return frame.rstrip(b"\0")


@dataclass(frozen=True, slots=True)
class Delimited:
    """A message ends with ``end``, which it does not contain."""

    end: bytes

    def frame(self, message: bytes) -> bytes:
        return message + self.end

    def missing(self, begun: bytes) -> int:
        """Byte by byte: what comes behind the delimiter is the next reader's."""
        return 0 if begun.endswith(self.end) else 1

    def message(self, frame: bytes) -> bytes:
        return frame.removesuffix(self.end)


@dataclass(frozen=True, slots=True)
class LengthPrefixed:
    """The length of a message comes first, in ``size`` bytes in network order."""

    size: int

    def frame(self, message: bytes) -> bytes:
        return len(message).to_bytes(self.size, "big") + message

    def missing(self, begun: bytes) -> int:
        if len(begun) < self.size:
            return self.size - len(begun)
        return self.size + int.from_bytes(begun[: self.size], "big") - len(begun)

    def message(self, frame: bytes) -> bytes:
        return frame[self.size :]


def framing(request: Message) -> Framing | None:
    """What ``framed`` of a request asks for."""
    match request.get("framed"):
        case {"size": int(size)}:
            return FixedLength(size)
        case {"until": str(end)}:
            return Delimited(end.encode())
        case {"prefix": int(size)}:
            return LengthPrefixed(size)
    return None
