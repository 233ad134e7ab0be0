from __future__ import annotations

from collections.abc import Sequence

from netlab.stack.tcp.ranges import Range


def told_twice(una: int, blocks: Sequence[Range]) -> Range | None:
    """The first block, if it says what came twice (RFC 2883, 4).

    That is so if it lies below the cumulative acknowledgment or within the second block.
    """
    start, end = blocks[0]
    if start >= end:
        return None
    if start < una:
        return start, end
    if len(blocks) > 1 and blocks[1][0] <= start and end <= blocks[1][1]:
        return start, end
    return None
