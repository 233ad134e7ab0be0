"""Tar files as an engine takes them, looked into."""

from __future__ import annotations

import io
import tarfile


def unpacked(archive: bytes) -> dict[str, tuple[int, bytes]]:
    """Mode and content of each file in it, by its path."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {entry.name: (entry.mode, _content(tar, entry)) for entry in tar}


def _content(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(entry)
    assert file, f"{entry.name} is no file"
    return file.read()
