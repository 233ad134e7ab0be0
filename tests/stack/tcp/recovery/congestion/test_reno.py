from __future__ import annotations

import pytest

from netlab.stack.tcp.recovery.congestion.reno import Reno

MSS = 1000


def begun(segments: int = 10, ssthresh: int | None = None) -> Reno:
    reno = Reno()
    reno.begin(MSS, segments * MSS)
    if ssthresh is not None:
        reno.ssthresh = ssthresh * MSS
    return reno


def ack(reno: Reno, *sizes: int) -> int:
    for size in sizes:
        reno.on_ack(0, size * MSS, rtt=None, srtt=None, trip=0)
    return reno.cwnd // MSS


@pytest.mark.rule("MUST-19")
def test_slow_start_doubles_in_a_round_trip():
    assert ack(begun(), *[2] * 5) == 20


@pytest.mark.rule("MUST-19")
def test_congestion_avoidance_adds_one_segment_in_a_round_trip():
    assert ack(begun(ssthresh=10), *[1] * 9) == 10
    assert ack(begun(ssthresh=10), *[1] * 10) == 11


def test_one_ack_may_end_slow_start_and_go_on_in_congestion_avoidance():
    assert ack(begun(ssthresh=15), 5 + 15) == 16


def test_congestion_halves_what_was_in_flight_to_two_segments_at_least():
    reno = begun()
    reno.on_congestion(0, 10 * MSS)
    assert reno.ssthresh == 5 * MSS
    reno.on_congestion(0, MSS)
    assert reno.ssthresh == 2 * MSS


def test_a_timeout_starts_with_one_segment_and_a_second_one_keeps_ssthresh():
    reno = begun()
    reno.on_timeout(0, 10 * MSS, again=False)
    assert (reno.cwnd, reno.ssthresh) == (MSS, 5 * MSS)
    reno.on_timeout(0, MSS, again=True)
    assert (reno.cwnd, reno.ssthresh) == (MSS, 5 * MSS)


def test_undo_gives_back_what_congestion_took():
    reno = begun(ssthresh=100)
    before = reno.standing()
    reno.on_timeout(0, 10 * MSS, again=False)
    reno.restore(before)
    assert (reno.cwnd, reno.ssthresh) == (10 * MSS, 100 * MSS)


def test_idling_returns_to_the_initial_window_and_slow_start_leads_most_of_the_way_back():
    reno = begun(100, ssthresh=50)
    reno.on_idle(0, 10 * MSS)
    assert (reno.cwnd, reno.ssthresh) == (10 * MSS, 75 * MSS)


def test_idling_makes_nothing_larger():
    reno = begun(4)
    reno.on_idle(0, 10 * MSS)
    assert reno.cwnd == 4 * MSS
