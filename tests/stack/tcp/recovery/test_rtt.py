from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netlab.stack.tcp.recovery.limits import MILLISECOND, SECOND, Limits
from netlab.stack.tcp.recovery.rtt import MEMORY, RoundTrip

#: RFC 6298 to the letter: a second at least, and a fine clock.
STRICT = Limits(min_rto=SECOND, granularity=MILLISECOND)


def test_before_anything_is_measured_the_timeout_is_a_second():
    assert RoundTrip(Limits()).rto == SECOND


def test_the_first_measurement_and_the_second():
    trip = RoundTrip(Limits(min_rto=1, granularity=1))
    trip.measured(0, 800)
    assert (trip.srtt, trip.rttvar, trip.rto) == (800, 400, 800 + 4 * 400)
    trip.measured(800, 1600)
    assert (trip.srtt, trip.rttvar, trip.rto) == (900, 500, 900 + 4 * 500)


def test_linux_adds_its_least_to_the_round_trip_where_the_rfc_takes_the_larger():
    trips = [RoundTrip(limits) for limits in (Limits(), STRICT)]
    for trip in trips:
        for now in range(100):
            trip.measured(now * 100 * MILLISECOND, 100 * MILLISECOND)
    linux, strict = trips
    assert linux.rto == 300 * MILLISECOND
    assert strict.rto == SECOND


def test_each_expiry_doubles_and_a_measurement_ends_that():
    trip = RoundTrip(STRICT)
    trip.expired()
    trip.expired()
    assert (trip.rto, trip.backoffs) == (4 * SECOND, 2)
    trip.measured(0, 10 * MILLISECOND)
    assert (trip.rto, trip.backoffs) == (SECOND, 0)


@given(st.lists(st.one_of(st.integers(0, 10**12), st.none()), max_size=60))
def test_the_timeout_stays_between_its_bounds(samples: list[int | None]):
    trip = RoundTrip(Limits())
    for now, sample in enumerate(samples):
        if sample is None:
            trip.expired()
        else:
            trip.measured(now, sample)
        assert Limits().min_rto <= trip.rto <= Limits().max_rto


def test_many_measurements_a_round_trip_weigh_no_more_than_one():
    few, many = RoundTrip(STRICT), RoundTrip(STRICT)
    for trip in range(3):
        few.measured(trip * 100, 100)
        for part in range(10):
            many.measured(trip * 100 + part * 10, 100)
    few.measured(300, 200)
    for part in range(10):
        many.measured(300 + part * 10, 200)
    assert few.srtt is not None
    assert many.srtt is not None
    assert abs(few.srtt - many.srtt) <= 2


def test_a_lost_syn_makes_it_three_seconds_unless_a_timestamp_told_the_time():
    blind, told = RoundTrip(Limits()), RoundTrip(Limits())
    blind.expired()
    blind.begin_after_lost_syn()
    assert blind.rto == 3 * SECOND
    told.measured(0, 100 * MILLISECOND)
    told.begin_after_lost_syn()
    assert told.rto == 300 * MILLISECOND


def test_the_shortest_is_forgotten_when_the_path_has_changed_for_long():
    trip = RoundTrip(Limits())
    trip.seen(0, 10)
    trip.seen(MEMORY, 50)
    assert trip.minimum == 10
    trip.seen(MEMORY + 1, 50)
    assert trip.minimum == 50
