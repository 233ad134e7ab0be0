from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netlab.stack.tcp.ranges import Ranges

pairs = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted).map(tuple)


@given(st.lists(pairs), pairs, st.integers(0, 60))
def test_ranges_are_a_set_of_numbers(
    added: list[tuple[int, int]], asked: tuple[int, int], cut: int
):
    ranges, model = Ranges(), set[int]()
    for start, end in added:
        ranges.add(start, end)
        model |= set(range(start, end))
    assert {n for start, end in ranges for n in range(start, end)} == model
    assert all(a[1] < b[0] for a, b in zip(list(ranges), list(ranges)[1:], strict=False))
    missing = {n for start, end in ranges.missing(*asked) for n in range(start, end)}
    assert missing == set(range(*asked)) - model
    overlap = ranges.overlap(*asked)
    assert bool(set(range(*asked)) & model) == (overlap is not None)
    assert overlap is None or set(range(*overlap)) <= set(range(*asked)) & model
    around = ranges.around(cut)
    assert (around is not None) == (cut in model)
    ranges.remove_below(cut)
    assert {n for start, end in ranges for n in range(start, end)} == {n for n in model if n >= cut}


def test_the_lowest_go():
    ranges = Ranges()
    for start in (40, 0, 20):
        ranges.add(start, start + 10)
    ranges.remove_first(2)
    assert list(ranges) == [(40, 50)]
