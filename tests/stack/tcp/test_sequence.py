from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netlab.stack.tcp.sequence import unwrap, wrap


@given(st.integers(-(2**40), 2**40), st.integers(-(2**31) + 1, 2**31 - 1))
def test_a_number_is_found_again_near_any_other(number: int, distance: int):
    assert unwrap(wrap(number), number + distance) == number
