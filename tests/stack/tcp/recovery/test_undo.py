from __future__ import annotations

from unittest.mock import patch

from netlab.stack.tcp.recovery import undo as module
from netlab.stack.tcp.recovery.scoreboard import Segment
from netlab.stack.tcp.recovery.undo import Undo


def watching(*again: tuple[int, int]) -> Undo:
    undo = Undo()
    undo.begin()
    for start, end in again:
        undo.sent_again(100, start, end)
    return undo


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


def test_too_many_retransmissions_are_not_remembered():
    with patch.object(module, "RANGES", 2):
        undo = watching((0, 1), (2, 3), (4, 5))
    for start in (0, 2, 4):
        undo.sent_twice((start, start + 1))
    assert not undo.needless
