"""Every byte arrives over links that lose, reorder, duplicate and corrupt up to 30 %.

All 10,000 of them: benchmarks/adversaries.py.
"""

from __future__ import annotations

import os

import pytest

from netlab.testing.adversary import adversity

#: More of them where there is time: NETLAB_ADVERSARIES=10000.
COUNT = int(os.environ.get("NETLAB_ADVERSARIES", "40"))
_AT_ONCE = 10

#: Numbers that once failed.
KNOWN = [
    1165,  # a repeated SYN and the ACK of ours came at one time
]


@pytest.mark.parametrize("first", range(0, COUNT, _AT_ONCE))
def test_conversations_end_with_every_byte_right_and_nothing_left(first: int):
    for seed in range(first, min(first + _AT_ONCE, COUNT)):
        adversity(seed)


@pytest.mark.parametrize("seed", KNOWN)
def test_what_was_wrong_once_is_right_now(seed: int):
    adversity(seed)
