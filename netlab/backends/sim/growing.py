"""A file that is read, and at last replaced, while it grows."""

from __future__ import annotations

from io import BufferedWriter
from pathlib import Path


class GrowingFile:
    """It is open from a write to the next flush only: else not every system lets it be replaced."""

    def __init__(self, path: Path) -> None:
        """OSError when it cannot be written."""
        self._path = path
        self._open: BufferedWriter | None = path.open("wb")

    def write(self, data: bytes) -> None:
        if self._open is None:
            self._open = self._path.open("ab")
        self._open.write(data)

    def flush(self) -> None:
        file, self._open = self._open, None
        if file is not None:
            file.close()
