from __future__ import annotations

import pytest

from netlab.stack.tcp.ranges import Range
from netlab.stack.tcp.recovery.sack import told_twice


@pytest.mark.parametrize(
    ("una", "blocks", "twice"),
    [
        (1000, [(500, 1000)], (500, 1000)),
        (1000, [(500, 1000), (2000, 3000)], (500, 1000)),
        (1000, [(2000, 2500), (1500, 3000)], (2000, 2500)),
        (1000, [(1500, 3000)], None),
        (1000, [(1500, 3000), (5000, 6000)], None),
        (1000, [(1000, 2000)], None),
        (1000, [(700, 600)], None),
    ],
)
def test_the_first_block_below_the_ack_or_within_the_second_came_twice(
    una: int, blocks: list[Range], twice: Range | None
):
    assert told_twice(una, blocks) == twice
