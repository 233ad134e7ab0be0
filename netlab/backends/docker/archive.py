"""Tar files, as an engine takes what is to be in an image or a container."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable

#: Path, bytes and mode.
Entry = tuple[str, bytes, int]


def packed(entries: Iterable[Entry]) -> bytes:
    """The same bytes for the same entries; all belong to root and are of 1970."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for path, content, mode in entries:
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content))
    return archive.getvalue()
