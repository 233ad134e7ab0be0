"""Whole transfers over a bottleneck of 100 Mbit/s and a round trip of 20 ms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlab.stack.tcp.recovery.congestion.cubic import Cubic
from netlab.stack.tcp.recovery.congestion.protocol import Congestion
from netlab.stack.tcp.recovery.congestion.reno import Reno
from netlab.stack.tcp.recovery.limits import MILLISECOND, Limits
from netlab.stack.tcp.recovery.progress import Expired
from netlab.stack.tcp.recovery.recovery import Recovery
from netlab.testing.bottleneck import Link, Transfer

MSS = 1448
ANY: list[Callable[[], Congestion]] = [Reno, Cubic]


def sender(
    congestion: Callable[[], Congestion] = Cubic, *, sack: bool = True, by_time: bool = True
) -> Recovery:
    limits = Limits(by_time=by_time)
    recovery = Recovery(congestion=congestion(), mss=MSS, profile=limits, sack=False, start=0)
    recovery.established(mss=MSS, sack=sack)
    return recovery


def megabits(transfer: Transfer, size: int) -> float:
    return size * 8000 / transfer.run()


@pytest.mark.parametrize("congestion", ANY)
def test_a_clean_link_is_filled(congestion: Callable[[], Congestion]):
    size = 5_000_000
    transfer = Transfer(sender(congestion), size, Link(queue=10_000_000))
    assert megabits(transfer, size) > 75
    assert transfer.again == 0
    assert transfer.timeouts == []


@pytest.mark.parametrize("congestion", ANY)
@pytest.mark.parametrize("by_time", [True, False])
def test_one_loss_in_a_hundred_costs_what_the_formula_says(
    congestion: Callable[[], Congestion], *, by_time: bool
):
    """Mathis et al. 1997: MSS / RTT * 1.22 / sqrt(p), here 7 Mbit/s for Reno."""
    size = 5_000_000
    transfer = Transfer(sender(congestion, by_time=by_time), size, Link(loss=0.01))
    assert megabits(transfer, size) > 5
    assert Expired.RTO not in transfer.timeouts or not by_time
    assert transfer.receiver.duplicates <= 2


@pytest.mark.parametrize("congestion", ANY)
@pytest.mark.parametrize("reordering", [0.01, 0.1])
def test_reordering_costs_under_a_tenth(congestion: Callable[[], Congestion], reordering: float):
    size = 10_000_000
    clean = megabits(Transfer(sender(congestion), size, Link()), size)
    late = megabits(Transfer(sender(congestion), size, Link(reordering=reordering)), size)
    assert late > 0.9 * clean


@pytest.mark.parametrize("late", [2, 5, 10])
def test_so_it_does_where_hundreds_of_segments_overtake(late: int):
    """A round trip of 10 ms: in every window, some are late by up to all of that."""
    size = 12_000_000
    fast = Link(rate=300_000_000, delay=5 * MILLISECOND, queue=4_000_000)
    reordering = replace(fast, reordering=0.01, late=late * MILLISECOND)
    clean = megabits(Transfer(sender(), size, fast), size)
    assert megabits(Transfer(sender(), size, reordering), size) > 0.9 * clean


def test_a_queue_that_marks_loses_nothing():
    size = 5_000_000
    transfer = Transfer(sender(), size, Link(mark=50_000), ecn=True)
    assert megabits(transfer, size) > 35
    assert transfer.again == 0


@pytest.mark.parametrize("number", [0, 9, 100, 343, 344])
def test_one_lost_segment_is_sent_again_once_and_needs_no_timeout(number: int):
    size = 345 * MSS
    transfer = Transfer(sender(), size, Link(lose=frozenset({number})))
    transfer.run()
    assert transfer.again == 1
    assert Expired.RTO not in transfer.timeouts


@pytest.mark.parametrize("timestamps", [False, True])
def test_a_stall_longer_than_the_timeout_repeats_only_what_the_timers_sent(timestamps: bool):
    link = Link(stall=(60 * MILLISECOND, 900 * MILLISECOND), queue=10_000_000)
    transfer = Transfer(sender(), 3_000_000, link, timestamps=timestamps)
    transfer.run()
    assert transfer.timeouts.count(Expired.RTO) >= 1
    assert transfer.again == transfer.timeouts.count(Expired.RTO)
    assert transfer.recovery.cwnd > 50 * MSS


def test_large_segments_lose_no_more_than_the_part_that_is_lost():
    size = 3_000_000
    transfer = Transfer(sender(), size, Link(lose=frozenset({500}), queue=10_000_000), chunk=44)
    transfer.run()
    assert transfer.again == 1
    assert transfer.packets == -(-size // MSS) + 1


weather = st.builds(
    Link,
    loss=st.sampled_from((0.0, 0.01, 0.1, 0.3)),
    duplication=st.sampled_from((0.0, 0.1)),
    reordering=st.sampled_from((0.0, 0.1, 0.5)),
    late=st.integers(1, 100).map(lambda ms: ms * MILLISECOND),
    queue=st.sampled_from((3_000, 30_000, 300_000)),
    delay=st.sampled_from((0, MILLISECOND, 50 * MILLISECOND)),
    mark=st.sampled_from((None, 20_000)),
)


@settings(max_examples=60, deadline=None)
@given(
    weather,
    weather,
    st.sampled_from(((False, True), (True, True), (True, False))),
    st.booleans(),
    st.sampled_from(ANY),
    st.sampled_from((1, 44)),
)
def test_in_any_weather_all_arrives(  # noqa: PLR0917 - drawn
    link: Link,
    reply: Link,
    finds: tuple[bool, bool],
    timestamps: bool,
    congestion: Callable[[], Congestion],
    chunk: int,
):
    reply = replace(reply, mark=None)
    transfer = Transfer(
        sender(congestion, sack=finds[0], by_time=finds[1]),
        100_000,
        link,
        reply=reply,
        timestamps=timestamps,
        ecn=link.mark is not None,
        chunk=chunk,
        watch=lambda _now, _progress: check(transfer.recovery),
    )
    transfer.run(limit=24 * 3600 * 1000 * MILLISECOND)
    assert transfer.receiver.next == 100_000
    assert transfer.recovery.next_timeout() is None
    assert transfer.recovery.in_flight == 0


def check(recovery: Recovery) -> None:
    board = recovery._board
    assert board.in_flight + board.lost + board.sacked == board.high - board.una
    assert (recovery.next_timeout() is None) == (board.high == board.una)


def test_the_same_seed_is_the_same_transfer():
    link = Link(loss=0.03, reordering=0.1, duplication=0.05)
    transfers = [Transfer(sender(), 500_000, link, seed=7) for _ in range(2)]
    first, second = ((t.run(), t.packets, t.again, t.timeouts) for t in transfers)
    assert first == second
