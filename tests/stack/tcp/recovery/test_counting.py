from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netlab.stack.tcp.recovery.counting import Counting
from netlab.stack.tcp.recovery.scoreboard import Fate, Scoreboard

MSS = 100


def board_of(segments: int) -> Scoreboard:
    board = Scoreboard(0)
    for number in range(segments):
        board.sent(number, number * MSS, (number + 1) * MSS)
    return board


def select(board: Scoreboard, *numbers: int) -> None:
    board.select([(n * MSS, (n + 1) * MSS) for n in numbers])


def test_more_than_two_segments_beyond_a_hole_are_enough():
    board, counting = board_of(6), Counting(0)
    select(board, 1, 2)
    assert counting.detect(board, MSS) == []
    select(board, 3)
    assert counting.detect(board, MSS) == [(0, MSS)]
    assert counting.detect(board, MSS) == []


def test_three_pieces_are_enough_however_small():
    board, counting = board_of(8), Counting(0)
    for start in (200, 400, 600):
        board.select([(start, start + 10)])
    assert counting.detect(board, MSS)[:2] == [(0, 100), (100, 200)]


def test_what_was_sent_again_is_not_lost_once_more():
    board, counting = board_of(8), Counting(0)
    select(board, 1, 2, 3)
    counting.detect(board, MSS)
    board.sent(9, 0, MSS)
    select(board, 4, 5, 6)
    assert counting.detect(board, MSS) == []


def test_what_a_timeout_sent_again_is_not_lost_by_what_had_arrived_before():
    board, counting = board_of(8), Counting(0)
    board.lose_all()
    for number in range(3):
        board.sent(9 + number, number * MSS, (number + 1) * MSS)
    select(board, 4, 5, 6)
    assert counting.detect(board, MSS) == []


@given(st.lists(st.integers(0, 29), max_size=40))
def test_it_says_what_the_rfc_says_of_each_segment(order: list[int]):
    board, counting = board_of(30), Counting(0)
    lost: set[int] = set()
    had: set[int] = set()
    for number in order:
        select(board, number)
        had.add(number)
        lost |= {start // MSS for start, _ in counting.detect(board, MSS)}
        lost -= had
        for each in set(range(30)) - had:
            above = [n for n in had if n > each]
            runs = [n for n in above if n - 1 not in had]
            assert (each in lost) == (len(above) > 2 or len(runs) >= 3)
    assert {s.start // MSS for s in board if s.fate is Fate.LOST} >= lost
