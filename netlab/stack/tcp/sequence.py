"""Sequence numbers as ever-growing integers, and their 32 bits on the wire (RFC 9293, 3.4).

Inside the stack a byte has one number for ever; it may exceed 2**32, or lie below zero for an old
duplicate. Numbers are made modular when a header is built, and plain when one is taken in.
"""

from __future__ import annotations

_HALF = 1 << 31
_MASK = (1 << 32) - 1


def wrap(number: int) -> int:
    """The 32 bits that a header carries."""
    return number & _MASK


def unwrap(number: int, near: int) -> int:
    """The integer with the 32 bits ``number`` that is nearest to ``near``."""
    return near + ((number - near + _HALF) & _MASK) - _HALF
