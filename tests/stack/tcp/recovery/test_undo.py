from __future__ import annotations

from unittest.mock import patch

from netlab.stack.tcp.recovery import undo as module
from netlab.stack.tcp.recovery.congestion.protocol import Standing
from netlab.stack.tcp.recovery.scoreboard import Segment
from netlab.stack.tcp.recovery.undo import Undo

BEFORE = (10, 20)


def watching(*again: tuple[int, int], before: Standing = BEFORE) -> Undo:
    undo = Undo()
    reduced(undo, *again, before=before)
    return undo


def reduced(undo: Undo, *again: tuple[int, int], before: Standing = BEFORE) -> None:
    undo.begin(before)
    for start, end in again:
        undo.sent_again(100, start, end)


def again(start: int, end: int) -> Segment:
    segment = Segment(start, end, 100)
    segment.retransmitted = True
    return segment


def test_every_retransmission_reported_twice_was_needless():
    undo = watching((0, 10), (20, 30))
    assert undo.sent_twice((0, 10))
    assert not undo.needless
    assert undo.sent_twice((20, 30))
    assert undo.needless


def test_one_report_twice_counts_once():
    undo = watching((0, 10), (20, 30))
    undo.sent_twice((0, 10))
    undo.sent_twice((0, 10))
    assert not undo.needless


def test_duplicates_that_the_network_made_prove_nothing():
    undo = watching((0, 10))
    assert not undo.sent_twice((10, 20))
    assert not undo.needless


def test_a_large_segment_sent_again_is_reported_in_pieces():
    undo = watching((0, 30))
    for start in (0, 20, 10):
        undo.sent_twice((start, start + 10))
    assert undo.needless


def test_an_old_timestamp_proves_and_a_new_one_does_not():
    undo = watching((0, 10))
    undo.acknowledged([again(0, 10)], echoed_before=101)
    assert not undo.needless
    undo.acknowledged([again(0, 10)], echoed_before=100)
    assert undo.needless


def test_what_was_sent_a_third_time_is_proven_by_timestamps_alone():
    undo = watching((0, 10), (0, 10))
    undo.sent_twice((0, 10))
    assert not undo.needless
    undo.acknowledged([again(0, 10)], echoed_before=100)
    assert undo.needless


def test_where_nothing_was_sent_again_there_is_nothing_to_undo():
    undo = watching()
    assert not undo.needless


def test_without_a_reduction_nothing_is_watched():
    undo = Undo()
    undo.sent_again(100, 0, 10)
    undo.sent_twice((0, 10))
    assert not undo.needless


def test_a_report_that_comes_after_the_next_reduction_still_counts():
    undo = watching((0, 10), before=(50, 99))
    reduced(undo, (20, 30), before=(35, 35))
    assert undo.sent_twice((0, 10))
    assert not undo.needless
    undo.sent_twice((20, 30))
    assert undo.needless
    assert undo.take() == (50, 99)


def test_an_old_timestamp_after_the_next_reduction_still_counts():
    undo = watching((0, 10), before=(50, 99))
    reduced(undo, (20, 30), before=(35, 35))
    undo.acknowledged([again(0, 10)], echoed_before=100)
    undo.acknowledged([again(20, 30)], echoed_before=100)
    assert undo.needless
    assert undo.take() == (50, 99)


def test_a_reduction_that_was_none_leaves_an_earlier_one_that_may_have_been():
    undo = watching((0, 10), before=(50, 99))
    reduced(undo, (20, 30), before=(35, 35))
    undo.sent_twice((20, 30))
    assert undo.take() == (35, 35)
    assert not undo.needless
    undo.sent_twice((0, 10))
    assert undo.needless
    assert undo.take() == (50, 99)


def test_of_many_reductions_the_last_are_watched():
    undo = Undo()
    for number in range(module.EPISODES + 1):
        reduced(undo, (10 * number, 10 * number + 10), before=(number,))
    for number in reversed(range(module.EPISODES + 1)):
        undo.sent_twice((10 * number, 10 * number + 10))
    assert undo.take() == (module.EPISODES,)
    assert not undo.watches


def test_what_was_sent_again_is_known_without_a_reduction_too():
    undo = watching((0, 10))
    undo.forget()
    assert undo.sent_twice((0, 10))
    assert undo.take() is None


def test_of_what_was_sent_again_the_last_is_known():
    undo = Undo()
    with patch.object(module, "RANGES", 4):
        for start in range(0, 10, 2):
            undo.sent_again(100, start, start + 1)
    assert [undo.sent_twice((start, start + 1)) for start in range(0, 10, 2)] == [
        False,
        False,
        True,
        True,
        True,
    ]


def test_too_many_retransmissions_are_not_remembered():
    with patch.object(module, "RANGES", 2):
        undo = watching((0, 1), (2, 3), (4, 5))
    for start in (0, 2, 4):
        undo.sent_twice((start, start + 1))
    assert not undo.needless
