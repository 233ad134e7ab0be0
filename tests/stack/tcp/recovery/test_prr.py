from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netlab.stack.tcp.recovery.prr import RateReduction

MSS = 1


def test_one_loss_of_twenty_halves_the_window_within_a_round_trip():
    """RFC 6937, 3.1: nineteen ACKs, of which every second lets a segment go."""
    prr = RateReduction()
    prr.begin(20)
    in_flight, sent = 20 - 1, []
    for _ in range(19):
        in_flight -= 1
        allowed = prr.allows(1, in_flight=in_flight, ssthresh=10, mss=MSS, safe=False)
        prr.sent(allowed)
        in_flight += allowed
        sent.append(allowed)
    assert in_flight == 10
    assert max(sent) == 1


def test_after_many_losses_it_grows_back_to_ssthresh_by_slow_start_at_most():
    """RFC 6937, 3.1: fifteen of twenty are lost, four ACKs are left."""
    prr = RateReduction()
    prr.begin(20)
    in_flight = 4
    for _ in range(4):
        in_flight -= 1
        allowed = prr.allows(1, in_flight=in_flight, ssthresh=10, mss=MSS, safe=True)
        assert allowed <= 2
        prr.sent(allowed)
        in_flight += allowed
    assert 4 <= in_flight <= 10


def test_an_ack_that_tells_of_more_losses_lets_go_only_what_arrived():
    prr = RateReduction()
    prr.begin(20)
    prr.sent(MSS)
    assert prr.allows(1, in_flight=3, ssthresh=10, mss=MSS, safe=False) == 1


def test_the_first_retransmission_is_not_held_back():
    prr = RateReduction()
    prr.begin(100)
    assert prr.allows(0, in_flight=90, ssthresh=50, mss=10, safe=False) == 10
    prr.sent(10)
    assert prr.allows(0, in_flight=90, ssthresh=50, mss=10, safe=False) == 0


def test_with_nothing_in_flight_something_goes_so_that_acks_come():
    prr = RateReduction()
    prr.begin(100)
    prr.sent(100)
    assert prr.allows(0, in_flight=0, ssthresh=50, mss=10, safe=False) == 10


@given(st.integers(2, 200), st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=200))
def test_what_is_in_flight_never_ends_above_where_it_was(flight: int, acks: list[tuple[int, bool]]):
    prr = RateReduction()
    prr.begin(flight)
    in_flight, ssthresh = flight, max(flight // 2, 2)
    for delivered, safe in acks:
        in_flight -= min(delivered, in_flight)
        allowed = prr.allows(delivered, in_flight=in_flight, ssthresh=ssthresh, mss=1, safe=safe)
        assert allowed >= 0
        assert in_flight + allowed <= max(flight + 1, ssthresh)
        prr.sent(allowed)
        in_flight += allowed
