from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netlab.analyse.sequence import Ranges, Received, SequenceSpace

numbers = st.integers(0, 2**32 - 1)


@given(numbers, st.lists(st.integers(0, 2**30), max_size=20))
def test_numbers_count_on_where_32_bits_wrap(initial: int, steps: list[int]) -> None:
    space = SequenceSpace(initial)
    position = 0
    for step in steps:
        position += step
        assert space.relative((initial + position) % 2**32) == position


def test_an_old_number_stays_behind_a_new_one() -> None:
    space = SequenceSpace(2**32 - 10)

    assert space.relative(5) == 15
    assert space.relative(2**32 - 10) == 0


@given(st.permutations([(0, 1), (1, 4), (4, 5), (5, 9)]))
def test_everything_is_received_in_whatever_order_it_comes(pieces: list[tuple[int, int]]) -> None:
    received = Received()
    for start, end in pieces:
        received.take(start, end)
    assert received.next == 9


def test_what_follows_a_gap_is_not_received_yet() -> None:
    received = Received()
    received.take(5, 9)
    assert received.next == 0
    received.take(0, 5)
    assert received.next == 9


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)), max_size=12))
def test_ranges_are_the_numbers_in_them(pieces: list[tuple[int, int]]) -> None:
    ranges, numbers = Ranges(), set[int]()
    for start, length in pieces:
        piece = set(range(start, start + length))
        assert ranges.add(start, start + length) == len(piece - numbers)
        numbers |= piece
    for start in range(54):
        missing = next(number for number in range(start, 60) if number not in numbers)
        assert ranges.end_at(start) == missing
        assert ranges.covers(start, missing)
        assert not ranges.covers(start, missing + 1)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12)), max_size=12))
def test_what_is_missing_first(pieces: list[tuple[int, int]]) -> None:
    received, numbers = Received(), set[int]()
    for start, length in pieces:
        received.take(start, start + length)
        numbers |= set(range(start, start + length))
        assert received.next == next(each for each in range(60) if each not in numbers)
