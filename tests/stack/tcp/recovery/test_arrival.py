from __future__ import annotations

from netlab.stack.tcp.recovery.arrival import Arrival
from netlab.stack.tcp.recovery.scoreboard import Segment


def arrival(ordered: list[Segment], selected: list[Segment]) -> Arrival:
    arrival = Arrival(0, is_duplicate=False, echoed_ns=None, more=False)
    arrival.ordered, arrival.selected = ordered, selected
    return arrival


def segment(start: int, *, again: bool = False) -> Segment:
    segment = Segment(start, start + 10, 0)
    segment.retransmitted = again
    return segment


def test_what_arrives_is_looked_at_in_order():
    assert [s.start for s in arrival([segment(0)], [segment(50), segment(20)]).in_order()] == [
        0,
        20,
        50,
    ]


def test_originals_are_what_was_sent_once_and_before():
    assert arrival([segment(0)], []).shows_originals(10, sack=True)
    assert arrival([], [segment(0)]).shows_originals(10, sack=True)
    assert not arrival([segment(0)], []).shows_originals(9, sack=True)
    assert not arrival([segment(0, again=True)], []).shows_originals(10, sack=True)


def test_without_sack_what_comes_along_with_a_retransmission_may_have_come_before():
    both = arrival([segment(0, again=True), segment(10)], [])
    assert both.shows_originals(20, sack=True)
    assert not both.shows_originals(20, sack=False)
