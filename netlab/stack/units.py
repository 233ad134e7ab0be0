"""Times of the stack are whole nanoseconds."""

from __future__ import annotations

MILLISECOND = 1_000_000
SECOND = 1_000_000_000
