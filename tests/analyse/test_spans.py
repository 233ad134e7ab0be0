"""Which of a pair's connections, one after the other, a host's own account is of."""

from __future__ import annotations

import pytest

from netlab.analyse.spans import Span

FIRST = Span(begin=10, last=20, until=30)
SECOND = Span(begin=30, last=40, since=20)


@pytest.mark.parametrize(
    ("first", "last", "of"),
    [
        (5, 20, FIRST),
        (10, 25, FIRST),
        (15, 30, FIRST),
        (20, 40, SECOND),
        (25, 40, SECOND),
        (30, float("inf"), SECOND),
        (50, 60, SECOND),
    ],
)
def test_what_a_host_tells_is_of_one_connection(first: int, last: float, of: Span) -> None:
    assert [each for each in (FIRST, SECOND) if each.is_of(first, last)] == [of]


def test_an_attempt_of_one_packet_ends_before_the_next_begins() -> None:
    attempt = Span(begin=10, last=10, until=30)
    following = Span(begin=30, last=40, since=10)

    assert [each for each in (attempt, following) if each.is_of(10, 12)] == [attempt]
