"""Errors as system calls give them."""

from __future__ import annotations

import os


def failure(number: int) -> OSError:
    """The OSError of an errno; of some numbers a class of its own, as ConnectionRefusedError."""
    return OSError(number, os.strerror(number))
