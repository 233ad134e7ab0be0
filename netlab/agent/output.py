"""What a program prints: kept in part, searched, and passed on for its log."""

from __future__ import annotations

import asyncio
import codecs
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Callable

#: What is kept of a program's output; a program that floods its output fills no memory.
OUTPUT_LIMIT = 64 * 1024

#: What of it goes to a log.
LOG_LIMIT = 1 << 20

#: The last words of a program without any, which has no log.
SAID_NOTHING = "it said nothing"

_TAIL = 4096
_LAST_LINES = 3

#: Receives a piece of the output, and whether the rest is left out.
Pass = Callable[[str, bool], None]


class Printed(ABC):
    """What a program prints: ``text`` is how it begins, ``truncated`` if there is more."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._tail = b""
        self.truncated = False

    @property
    def text(self) -> str:
        return self._kept.decode(errors="replace")

    @property
    def last_lines(self) -> str:
        """The last lines as one, for an error message; empty when nothing was printed."""
        lines = self._tail.decode(errors="replace").splitlines()
        return " / ".join([line.strip() for line in lines if line.strip()][-_LAST_LINES:])

    def has(self, pattern: re.Pattern[str]) -> bool:
        """Whether the beginning or the end of what was printed so far has the pattern."""
        texts = (self.text, self._tail.decode(errors="replace"))
        return any(pattern.search(text) for text in texts)

    def keep(self, chunk: bytes) -> None:
        """What comes next."""
        room = OUTPUT_LIMIT - len(self._kept)
        self._kept += chunk[:room]
        self.truncated = self.truncated or len(chunk) > room
        self._tail = (self._tail + chunk)[-_TAIL:]

    @abstractmethod
    async def finish(self) -> None:
        """Read the rest of what has ended."""


class Output(Printed):
    """Reads a pipe to its end."""

    def __init__(self, descriptor: int, pass_on: Pass | None = None) -> None:
        super().__init__()
        self._pass_on = pass_on
        self._passed = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._reading = asyncio.create_task(self._read(descriptor))

    async def finish(self) -> None:
        """Read the rest of what has ended; a daemon that it left may hold the pipe for ever."""
        await asyncio.wait([self._reading], timeout=0.2)
        self._reading.cancel()
        await asyncio.wait([self._reading])

    async def _read(self, descriptor: int) -> None:
        reader = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb")
        )
        try:
            while chunk := await reader.read(65536):
                self.keep(chunk)
        finally:
            transport.close()

    def keep(self, chunk: bytes) -> None:
        super().keep(chunk)
        if self._pass_on is not None and self._passed <= LOG_LIMIT:
            is_last = self._passed + len(chunk) > LOG_LIMIT
            some = chunk[: LOG_LIMIT - self._passed]
            self._passed += len(chunk)
            self._pass_on(self._decoder.decode(some), is_last)
