from __future__ import annotations

from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from netlab.stack.tcp.recovery import scoreboard
from netlab.stack.tcp.recovery.scoreboard import Fate, Scoreboard


def board_of(*sizes: int, start: int = 0) -> Scoreboard:
    """One segment of each size, sent at 0, 1, …"""
    board = Scoreboard(start)
    for now, size in enumerate(sizes):
        board.sent(now, board.high, board.high + size)
    return board


def fates(board: Scoreboard) -> list[tuple[int, int, str]]:
    return [(s.start, s.end, s.fate.value) for s in board]


def test_what_is_acknowledged_is_forgotten():
    board = board_of(10, 10, 10)
    assert [(s.start, s.end) for s in board.acknowledge(20)] == [(0, 10), (10, 20)]
    assert (board.una, board.high, board.in_flight) == (20, 30, 10)


def test_half_of_a_segment_may_be_acknowledged():
    board = board_of(100)
    (arrived,) = board.acknowledge(40)
    assert (arrived.start, arrived.end, arrived.sent_at) == (0, 40, 0)
    assert fates(board) == [(40, 100, "in flight")]
    assert [(s.start, s.end) for s in board.by_age()] == [(40, 100)]


def test_blocks_cut_a_large_segment_and_leave_its_hole_in_flight():
    board = board_of(100)
    arrived = board.select([(20, 50), (60, 80)])
    assert [(s.start, s.end) for s in arrived] == [(20, 50), (60, 80)]
    assert fates(board) == [
        (0, 20, "in flight"),
        (20, 50, "sacked"),
        (50, 60, "in flight"),
        (60, 80, "sacked"),
        (80, 100, "in flight"),
    ]
    assert (board.in_flight, board.sacked) == (50, 50)


def test_neighbours_that_arrived_become_one_and_count_as_many():
    board = board_of(10, 10, 10, 10)
    board.select([(10, 20)])
    board.select([(30, 40)])
    board.select([(20, 30)])
    assert fates(board) == [(0, 10, "in flight"), (10, 40, "sacked")]
    assert board.selections == 3
    board.acknowledge(40)
    assert (board.selections, board.sacked, len(board)) == (0, 0, 0)


def test_the_same_block_again_tells_nothing_new():
    board = board_of(10, 10, 10)
    assert board.select([(10, 20)])
    assert not board.select([(10, 20)])
    assert not board.select([(12, 18)])


@pytest.mark.parametrize("block", [(-5, 5), (5, 5), (9, 3), (20, 31)])
def test_blocks_of_what_was_never_sent_are_ignored(block: tuple[int, int]):
    board = board_of(10, 10, 10)
    assert not board.select([block])
    assert board.in_flight == 30


def test_what_is_lost_is_sent_again_from_below_and_stands_last_in_age():
    board = board_of(10, 10, 10)
    first, second, _ = board
    board.lose(second)
    board.lose(first)
    assert board.next_lost() == (0, 10)
    board.sent(7, 0, 10)
    assert board.next_lost() == (10, 20)
    board.sent(8, 10, 20)
    assert board.next_lost() is None
    assert [(s.start, s.sent_at, s.retransmitted) for s in board.by_age()] == [
        (20, 2, False),
        (0, 7, True),
        (10, 8, True),
    ]


def test_what_has_become_too_long_is_lost_and_the_rest_stays_in_flight():
    board = board_of(30, 20, 30)
    board.lose_longer(20)
    assert (board.in_flight, board.lost, board.next_lost()) == (20, 60, (0, 30))


def test_a_part_of_what_is_lost_may_be_sent_again():
    board = board_of(100)
    board.lose_all()
    board.sent(5, 0, 30)
    assert (board.in_flight, board.lost, board.next_lost()) == (30, 70, (30, 100))


def test_a_retransmission_may_carry_new_data_behind_it():
    board = board_of(10)
    board.sent(3, 0, 25)
    assert [(s.start, s.end, s.retransmitted) for s in board] == [(0, 10, True), (10, 25, False)]


def test_what_the_peer_threw_away_is_lost():
    board = board_of(10, 10, 10)
    board.select([(10, 30)])
    board.distrust_selections()
    assert (board.sacked, board.selections, board.lost) == (0, 0, 20)
    assert board.next_lost() == (10, 30)


def test_what_was_not_lost_after_all_stands_again_where_it_was():
    board = board_of(10, 10, 10)
    board.lose_all()
    board.sent(9, 0, 10)
    board.lose_none()
    assert (board.in_flight, board.lost) == (30, 0)
    assert [s.start for s in board.by_age()] == [10, 20, 0]


def test_a_full_table_tells_new_segments_apart_no_more():
    with patch.object(scoreboard, "SEGMENTS", 3):
        board = board_of(10, 10, 10, 10, 10)
        assert fates(board)[-1] == (20, 50, "in flight")
        assert not board.select([(25, 30)])
        assert [(s.start, s.end) for s in board.select([(10, 50)])] == [(10, 20), (20, 50)]
        assert board.sacked == 40


class EveryByte(RuleBasedStateMachine):
    """A scoreboard beside a list that has the fate of each byte by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.board = Scoreboard(0)
        self.una = 0
        self.fates: list[Fate] = []
        self.sent_at: list[int] = []
        self.now = 0

    @rule(size=st.integers(1, 9))
    def send(self, size: int) -> None:
        self.now += 1
        high = self.una + len(self.fates)
        self.board.sent(self.now, high, high + size)
        self.fates += [Fate.IN_FLIGHT] * size
        self.sent_at += [self.now] * size

    @precondition(lambda self: self.fates)
    @rule(data=st.data())
    def acknowledge(self, data: st.DataObject) -> None:
        count = data.draw(st.integers(0, len(self.fates)))
        arrived = self.board.acknowledge(self.una + count)
        new = [self.una + i for i in range(count) if self.fates[i] is not Fate.SACKED]
        assert [n for s in arrived for n in range(s.start, s.end)] == new
        self.una += count
        del self.fates[:count], self.sent_at[:count]

    @precondition(lambda self: self.fates)
    @rule(data=st.data())
    def select(self, data: st.DataObject) -> None:
        start, end = self._range(data)
        arrived = self.board.select([(start, end)])
        new = [n for n in range(start, end) if self.fates[n - self.una] is not Fate.SACKED]
        assert [n for s in arrived for n in range(s.start, s.end)] == new
        for number in range(start, end):
            self.fates[number - self.una] = Fate.SACKED
        self._share_times()

    @precondition(lambda self: self.fates)
    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        start, end = self._range(data)
        self.now += 1
        self.board.sent(self.now, start, end)
        for place in range(start - self.una, end - self.una):
            if self.fates[place] is not Fate.SACKED:
                self.fates[place] = Fate.IN_FLIGHT
                self.sent_at[place] = self.now

    @rule(since=st.integers(0, 30))
    def lose_the_old(self, since: int) -> None:
        for segment in self.board.by_age():
            if segment.sent_at > self.now - since:
                break
            self.board.lose(segment)
        for place, (fate, sent_at) in enumerate(zip(self.fates, self.sent_at, strict=True)):
            if fate is Fate.IN_FLIGHT and sent_at <= self.now - since:
                self.fates[place] = Fate.LOST

    @rule()
    def lose_none(self) -> None:
        self.board.lose_none()
        self.fates = [Fate.IN_FLIGHT if f is Fate.LOST else f for f in self.fates]

    @rule()
    def distrust(self) -> None:
        self.board.distrust_selections()
        self.fates = [Fate.LOST if f is Fate.SACKED else f for f in self.fates]

    @invariant()
    def every_byte_has_its_fate(self) -> None:
        board = self.board
        assert [s.fate for s in board for _ in range(s.size)] == self.fates
        counts = [self.fates.count(fate) for fate in (Fate.IN_FLIGHT, Fate.LOST, Fate.SACKED)]
        assert [board.in_flight, board.lost, board.sacked] == counts
        assert (board.una, board.high) == (self.una, self.una + len(self.fates))
        assert (board.selections > 0) == (board.sacked > 0)

    @invariant()
    def age_is_in_order(self) -> None:
        ring = list(self.board.by_age())
        assert [s.sent_at for s in ring] == sorted(s.sent_at for s in ring)
        assert {s.start for s in ring} == {s.start for s in self.board if s.fate is Fate.IN_FLIGHT}

    @invariant()
    def the_lowest_loss_is_next(self) -> None:
        lost = self.board.next_lost()
        if Fate.LOST in self.fates:
            assert lost is not None
            assert lost[0] == self.una + self.fates.index(Fate.LOST)
        else:
            assert lost is None

    def _share_times(self) -> None:
        """What the peer has in one piece is one segment, as old as its first byte."""
        for place in range(1, len(self.fates)):
            if self.fates[place - 1] is self.fates[place] is Fate.SACKED:
                self.sent_at[place] = self.sent_at[place - 1]

    def _range(self, data: st.DataObject) -> tuple[int, int]:
        start = data.draw(st.integers(0, len(self.fates) - 1))
        end = data.draw(st.integers(start + 1, len(self.fates)))
        return self.una + start, self.una + end


TestEveryByte = EveryByte.TestCase
TestEveryByte.settings = settings(max_examples=50, stateful_step_count=25, deadline=None)


@given(st.lists(st.tuples(st.integers(-5, 60), st.integers(-5, 60)), max_size=40))
def test_no_blocks_of_a_peer_break_a_full_table(blocks: list[tuple[int, int]]):
    with patch.object(scoreboard, "SEGMENTS", 5):
        board = board_of(20, 10, 20)
        for block in blocks:
            board.select([block])
            assert board.in_flight + board.sacked == 50
            assert len(board) <= 5
        board.acknowledge(50)
        assert (board.in_flight, board.sacked, len(board)) == (0, 0, 0)
