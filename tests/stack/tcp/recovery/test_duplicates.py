from __future__ import annotations

from netlab.stack.tcp.recovery.duplicates import Duplicates


def test_each_duplicate_tells_of_one_segment_and_the_third_is_enough():
    duplicates = Duplicates()
    for count in range(1, 4):
        assert not duplicates.enough
        assert duplicates.repeated(100, 1000) == 100
        assert duplicates.departed == 100 * count
    assert duplicates.enough


def test_a_peer_that_repeats_itself_forever_empties_no_more_than_the_network():
    duplicates = Duplicates()
    told = sum(duplicates.repeated(100, 1000) for _ in range(50))
    assert told == duplicates.departed == 1000


def test_a_partial_ack_takes_one_segment_more_than_duplicates_told():
    duplicates = Duplicates()
    for _ in range(5):
        duplicates.repeated(100, 1000)
    assert duplicates.advanced(300, 100) == 100
    assert duplicates.departed == 300
    assert duplicates.partial
