from __future__ import annotations

from typing import Any

import pytest

from netlab.scenario.verdict import Judgement
from netlab.testing.judging import PLACE, judged
from netlab.testing.runs import connected, operation
from netlab.topology.expectations import Bounds, DelayExpected, IntervalsExpected, TimeExpected
from netlab.topology.steps import Moment

HANDSHAKE = """
    @1ms  c1 > server  SYN seq=0
    @5ms  server > c1  SYN ACK seq=0 ack=1 delay=2ms
    @8ms  c1 > server  ACK seq=1 ack=1 len=100
"""
SYN, SYN_ACK = "tcp.flags.syn and not tcp.flags.ack", "tcp.flags.syn and tcp.flags.ack"
UNDER_5MS = Bounds("under 5ms", high=0.005, includes_high=False)


def time(start: Moment | str, end: Moment | str, bounds: Bounds, **more: Any) -> Judgement:
    events = more.pop("events", [connected("first")])
    expectation = TimeExpected(**PLACE, start=start, end=end, bounds=bounds, **more)
    return judged(expectation, more.get("text", HANDSHAKE), events)


def test_the_time_between_two_packets_where_their_sources_sent_them() -> None:
    judgement = time(SYN, SYN_ACK, UNDER_5MS)

    assert judgement.passed
    assert judgement.expected == f"under 5ms from {SYN} to {SYN_ACK}"
    assert judgement.seen == (
        "4.0 ms\n"
        "from frame 1, c1:eth0, 0.001000 s: 10.0.0.2:40000 -> 10.0.0.1:7 SYN\n"
        "to frame 3, server:eth0, 0.005000 s: 10.0.0.1:7 -> 10.0.0.2:40000 SYN, ACK 1"
    )
    assert judgement.frames == (1, 3)


def test_at_one_place_the_way_counts_too() -> None:
    judgement = time(SYN, SYN_ACK, UNDER_5MS, at="c1")

    assert not judgement.passed
    assert judgement.seen.splitlines()[0] == "6.0 ms, 1.0 ms too long"
    assert judgement.frames == (1, 4)


def test_the_end_is_the_next_packet_that_matches() -> None:
    judgement = time("tcp", "tcp", UNDER_5MS)
    assert judgement.frames == (1, 3)


def test_the_time_between_two_moments() -> None:
    events = [connected("first", at=5.0), operation("first", at=25.0, op="close")]
    bounds = Bounds("30ms to 40ms", 0.03, 0.04)
    judgement = time(
        Moment("first", "established"), Moment("first", "closed"), bounds, events=events
    )

    assert not judgement.passed
    assert judgement.seen == (
        "20.0 ms, 10.0 ms too short\n"
        "from first established at 0.005000 s\n"
        "to first closed at 0.025000 s"
    )


def test_from_a_moment_to_a_packet() -> None:
    assert time(Moment("first", "established"), "tcp.len == 100", UNDER_5MS).frames == (5,)


def test_a_packet_that_never_came_has_near_misses_behind_the_start() -> None:
    judgement = time(SYN_ACK, "tcp.len == 90", UNDER_5MS)

    assert not judgement.passed
    lines = judgement.seen.splitlines()
    assert lines[0] == (
        "no packet after frame 3, server:eth0, 0.005000 s: 10.0.0.1:7 -> 10.0.0.2:40000"
        " SYN, ACK 1 matches: tcp.len == 90"
    )
    assert "\n".join(lines[1:]) == (
        "near miss: frame 5, c1:eth0, 0.008000 s: 10.0.0.2:40000 -> 10.0.0.1:7"
        " data 1:101 (100), ACK 1 is not tcp.len == 90 (tcp.len was 100)"
    )


def test_a_moment_that_never_came_says_so() -> None:
    judgement = time(Moment("first", "closed"), "tcp", UNDER_5MS)
    assert (judgement.passed, judgement.seen) == (False, "first closed never came")


def delay(bounds: Bounds) -> Judgement:
    expectation = DelayExpected(**PLACE, expression="tcp", bounds=bounds)
    return judged(expectation, HANDSHAKE, [connected("first")])


def test_every_packet_s_way_is_timed() -> None:
    judgement = delay(Bounds("1ms to 2ms", 0.001, 0.002))

    assert judgement.passed
    assert judgement.seen == "3 arrived, after 1.0 ms to 2.0 ms (median 1.0 ms)"


def test_those_that_took_too_long_are_named() -> None:
    judgement = delay(UNDER_5MS)
    assert judgement.passed
    judgement = delay(Bounds("under 2ms", high=0.002, includes_high=False))
    assert not judgement.passed
    assert judgement.seen.splitlines()[1] == (
        "frame 3, server:eth0, 0.005000 s: 10.0.0.1:7 -> 10.0.0.2:40000 SYN, ACK 1:"
        " 2.0 ms, 0.0 µs too long"
    )
    assert judgement.frames == (3,)


def test_a_delay_needs_packets_that_arrive() -> None:
    expectation = DelayExpected(**PLACE, expression="tcp", bounds=UNDER_5MS)
    judgement = judged(expectation, "c1 > server SYN seq=0 lost=c1:eth0")
    assert (judgement.passed, judgement.seen) == (False, "no packet that matches arrived")


RETRANSMISSIONS = """
    @1ms     c1 > server  SYN seq=0 lost=c1:eth0
    @1001ms  c1 > server  SYN seq=0 lost=c1:eth0
    @3101ms  c1 > server  SYN seq=0 lost=c1:eth0
"""


def near(seconds: float) -> Bounds:
    return Bounds(f"{seconds:g}s ± 10%", seconds * 0.9, seconds * 1.1)


def intervals(*bounds: Bounds, text: str = RETRANSMISSIONS) -> Judgement:
    expectation = IntervalsExpected(**PLACE, expression="tcp.flags.syn", bounds=bounds)
    return judged(expectation, text)


def test_retransmissions_back_off() -> None:
    judgement = intervals(near(1), near(2))

    assert judgement.passed
    assert judgement.expected == "1s ± 10%, 2s ± 10% between: tcp.flags.syn"
    assert judgement.seen == "1.000 s, 2.100 s (frames 1 to 3)"
    assert judgement.frames == (1, 2, 3)


def test_the_interval_that_differs_is_named() -> None:
    judgement = intervals(near(1), near(3))

    assert not judgement.passed
    assert judgement.seen == (
        "1.000 s, 2.100 s (frames 1 to 3)\nthe 2nd is 2.100 s, 600.0 ms too short for 3s ± 10%"
    )


def test_there_are_as_many_intervals_as_expected_at_least() -> None:
    judgement = intervals(near(1), near(2), near(4))

    assert not judgement.passed
    assert judgement.seen.splitlines()[1:] == ["there are 2 intervals, not 3"]
    assert intervals(near(1)).passed is False  # a single bound is for all
    assert intervals(Bounds("at least 1s", low=1.0)).passed


def test_without_packets_there_are_near_misses() -> None:
    judgement = intervals(near(1), text="c1 > server ACK seq=1 ack=1")

    assert not judgement.passed
    assert judgement.seen.splitlines() == ["0 packets matched", "there are 0 intervals, not 1"]


@pytest.mark.parametrize(
    ("value", "allowed", "missed_by"),
    [(0.9, True, 0), (1.1, True, 0), (0.8, False, -0.1), (1.3, False, 0.2)],
)
def test_bounds_say_by_how_much_they_are_missed(
    value: float, allowed: bool, missed_by: float
) -> None:
    bounds = Bounds("0.9 to 1.1", 0.9, 1.1)
    assert bounds.allows(value) is allowed
    assert bounds.missed_by(value) == pytest.approx(missed_by)
