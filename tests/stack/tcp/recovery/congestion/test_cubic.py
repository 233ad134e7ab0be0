from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netlab.stack.tcp.recovery.congestion.cubic import Cubic, _cube_root
from netlab.stack.tcp.recovery.congestion.reno import Reno
from netlab.stack.tcp.recovery.limits import MILLISECOND, SECOND

MSS = 1000


def reduced(segments: int) -> Cubic:
    """As after a loss with so many segments in flight, cwnd brought down to ssthresh."""
    cubic = Cubic(hystart=False)
    cubic.begin(MSS, segments * MSS)
    cubic.on_congestion(0, cubic.cwnd)
    cubic.cwnd = cubic.ssthresh
    return cubic


def run(congestion: Cubic | Reno, seconds: float, rtt: int, *, since: int = 0) -> int:
    """A window of ACKs each round trip; returns when it ended."""
    now, trip = since, 0
    while now < since + seconds * SECOND:
        now += rtt
        trip += 1
        for _ in range(congestion.cwnd // MSS):
            congestion.on_ack(now, MSS, rtt=rtt, srtt=rtt, trip=trip)
    return now


def formula(w_max: float, cwnd: float, seconds: float) -> float:
    """RFC 9438, 4.2, in segments."""
    k = ((w_max - cwnd) / 0.4) ** (1 / 3)
    return float(0.4 * (seconds - k) ** 3 + w_max)


def test_it_follows_the_curve_where_the_path_is_long():
    rtt = 100 * MILLISECOND
    for seconds in (2, 4, 8, 12):
        cubic = reduced(1000)
        end = run(cubic, seconds, rtt)
        expected = formula(1000, 700, end / SECOND)
        assert abs(cubic.cwnd / MSS - expected) < 0.03 * expected, seconds


def test_it_rests_where_the_loss_was_before_it_goes_on():
    cubic = reduced(1000)
    k = ((1000 - 700) / 0.4) ** (1 / 3)
    end = run(cubic, k, 50 * MILLISECOND)
    assert abs(cubic.cwnd - 1000 * MSS) < 10 * MSS
    run(cubic, k, 50 * MILLISECOND, since=end)
    assert cubic.cwnd > 1200 * MSS


def test_where_round_trips_are_short_it_is_no_slower_than_reno():
    rtt = 5 * MILLISECOND
    cubic = reduced(20)
    reno = Reno()
    reno.begin(MSS, 20 * MSS)
    reno.ssthresh = reno.cwnd = 10 * MSS
    run(cubic, 2, rtt)
    run(reno, 2, rtt)
    assert cubic.cwnd > 0.9 * reno.cwnd


def test_a_loss_takes_three_tenths_and_two_segments_stay():
    assert reduced(100).ssthresh == 70 * MSS
    assert reduced(1).ssthresh == 2 * MSS


def test_who_loses_below_the_last_plateau_makes_room():
    cubic = reduced(100)
    cubic.on_congestion(0, cubic.cwnd)
    assert cubic._w_max == 70 * MSS * 17 // 20


def test_a_round_trip_adds_half_at_most_however_far_the_curve_is_ahead():
    cubic = reduced(10)
    cubic.on_ack(0, MSS, rtt=None, srtt=SECOND, trip=0)
    before = cubic.cwnd
    cubic.on_ack(SECOND, before, rtt=None, srtt=100 * SECOND, trip=1)
    assert before < cubic.cwnd <= before * 3 // 2


def test_undo_gives_back_the_plateau_too():
    cubic = reduced(100)
    before = cubic.standing()
    cubic.on_timeout(0, cubic.cwnd, again=False)
    cubic.restore(before)
    assert cubic.standing() == before


def test_time_without_acks_is_no_time_to_grow():
    rtt = 100 * MILLISECOND
    busy, paused = reduced(1000), reduced(1000)
    end = run(busy, 2, rtt)
    run(paused, 2, rtt)
    run(busy, 1, rtt, since=end)
    run(paused, 1, rtt, since=end + 60 * SECOND)
    assert abs(busy.cwnd - paused.cwnd) < 10 * MSS


def test_slow_start_ends_early_where_round_trips_grow():
    cubic = Cubic()
    cubic.begin(MSS, 10 * MSS)
    now = 0
    for trip in range(30):
        rtt = 20 * MILLISECOND + max(0, cubic.cwnd - 100 * MSS) * 100
        now += rtt
        for _ in range(cubic.cwnd // MSS):
            cubic.on_ack(now, MSS, rtt=rtt, srtt=rtt, trip=trip)
    assert cubic.ssthresh < 1000 * MSS


@given(st.integers(0, 10**40))
def test_cube_roots_are_exact(number: int):
    root = _cube_root(number)
    assert root**3 <= number < (root + 1) ** 3


@given(
    st.lists(
        st.tuples(
            st.sampled_from(("ack", "loss", "timeout", "undo", "idle")), st.integers(1, 10**6)
        ),
        max_size=80,
    )
)
def test_whatever_happens_the_window_is_a_segment_at_least(happenings: list[tuple[str, int]]):
    cubic = Cubic()
    cubic.begin(MSS, 10 * MSS)
    now, standing = 0, cubic.standing()
    for trip, (what, size) in enumerate(happenings):
        now += size * 1000
        before = cubic.cwnd
        if what == "ack":
            cubic.on_ack(now, size, rtt=size, srtt=size, trip=trip)
            assert before <= cubic.cwnd <= 2 * before + size
        elif what == "loss":
            standing = cubic.standing()
            cubic.on_congestion(now, min(size, cubic.cwnd))
            cubic.cwnd = cubic.ssthresh
        elif what == "timeout":
            standing = cubic.standing()
            cubic.on_timeout(now, min(size, cubic.cwnd), again=False)
        elif what == "undo":
            cubic.restore(standing)
        else:
            cubic.on_idle(now, 10 * MSS)
        assert cubic.cwnd >= MSS
        assert cubic.ssthresh >= 2 * MSS
