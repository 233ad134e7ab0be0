"""What a machine's kernel has and has not, as labs care about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Feature:
    """Something a kernel or a machine has or has not, such as ``netem``.

    ``note`` says what follows, and for a missing one the fix. Labs need what is ``required``.
    """

    name: str
    present: bool
    note: str = ""
    required: bool = False
