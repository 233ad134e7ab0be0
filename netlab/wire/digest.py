"""A short name for a frame's bytes, by which what happened to it is told."""

from __future__ import annotations

import hashlib

_BYTES = 8


def digest(frame: bytes) -> str:
    return hashlib.blake2b(frame, digest_size=_BYTES).hexdigest()
