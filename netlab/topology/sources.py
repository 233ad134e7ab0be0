"""The files of this machine that a topology file names."""

from __future__ import annotations

import os
import stat
from pathlib import Path

#: Bytes of one file, and of all of a lab: they are part of its Plan.
LARGEST_FILE = 1024 * 1024
LARGEST_IN_ALL = 16 * 1024 * 1024


class Sources:
    """Paths are relative to ``folder``, that of the topology file; each file is read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, bytes] = {}
        self._texts: dict[str, bytes] = {}
        self._size = 0

    def content(self, name: str) -> bytes:
        """ValueError in words when there is no such file, or it is too large."""
        if name not in self._read:
            self._read[name] = self._held(_bytes_of(self._folder / name))
        return self._read[name]

    def text(self, text: str) -> bytes:
        """The bytes of a text that the topology file has; the same object for all who have it."""
        return self._texts.setdefault(text, text.encode())

    def _held(self, content: bytes) -> bytes:
        self._size += len(content)
        if self._size > LARGEST_IN_ALL:
            raise ValueError("the files of this lab are larger than 16 MiB together")
        return content

    def place(self, name: str) -> str:
        """The absolute path of a file or folder; ValueError in words when it is not there."""
        place = os.path.abspath(self._folder / name)  # noqa: PTH100 - keeps symbolic links
        try:
            os.stat(place)  # noqa: PTH116 - Path.exists says that what may not be seen is not there
        except OSError as error:
            raise ValueError(f"cannot bind {place}: {error.strerror}") from None
        return place


class Forgotten(Sources):
    """Those of a run that is over: what they held is of no more use, and they may be gone."""

    def __init__(self) -> None:
        super().__init__(Path())

    def content(self, name: str) -> bytes:
        return b""

    def place(self, name: str) -> str:
        return name


def _bytes_of(path: Path) -> bytes:
    try:
        # A pipe without a writer is not waited for: it is refused like all that is no file.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:  # noqa: PTH123 - of a descriptor
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ValueError(f"{path} is no file")
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror}") from None
    if len(content) > LARGEST_FILE:
        raise ValueError(f"{path} is larger than 1 MiB")
    return content
