"""What strangers must not guess (RFC 6528, RFC 4987)."""

from __future__ import annotations

import random

import pytest

from netlab.stack.tcp.cookies import COOKIE_LIFETIME, SynCookies, mark, read
from netlab.stack.tcp.isn import InitialNumbers
from netlab.stack.tcp.options import Offer
from netlab.stack.tcp.pair import Pair
from netlab.stack.tcp.sequence import wrap
from netlab.wire.tcp_options import Timestamps

PAIR = Pair(bytes((10, 0, 0, 1)), 80, bytes((10, 0, 0, 2)), 4000)
OTHER = PAIR._replace(remote_port=4001)
rule = pytest.mark.rule


@rule("MUST-8")
def test_numbers_of_one_pair_rise_by_one_in_4_microseconds():
    numbers = InitialNumbers(random.Random(1))
    first, later = numbers.choose(0, PAIR), numbers.choose(4_000_000, PAIR)
    assert wrap(later - first) == 1000


@rule("MUST-9", "SHLD-1")
def test_numbers_of_other_pairs_and_hosts_tell_nothing():
    numbers, host = InitialNumbers(random.Random(1)), InitialNumbers(random.Random(2))
    assert len({numbers.choose(0, PAIR), numbers.choose(0, OTHER), host.choose(0, PAIR)}) == 3


def test_a_cookie_tells_the_segment_size_to_who_made_it_in_time():
    cookies = SynCookies.seeded(random.Random(1))
    cookie = cookies.make(0, PAIR, 77, Offer(mss=1450))
    assert cookies.check(COOKIE_LIFETIME // 2, PAIR, 77, cookie) == 1440
    assert cookies.check(COOKIE_LIFETIME, PAIR, 77, cookie) is None
    assert cookies.check(0, OTHER, 77, cookie) is None
    assert cookies.check(0, PAIR, 78, cookie) is None
    assert SynCookies.seeded(random.Random(2)).check(0, PAIR, 77, cookie) is None


@pytest.mark.parametrize("shift", [None, 0, 14])
@pytest.mark.parametrize("sack", [True, False])
def test_the_timestamp_tells_the_rest(shift: int | None, sack: bool):
    value = mark(1_000_000, Offer(1460, shift, sack))
    assert 1_000_000 - 32 < value <= 1_000_000
    stamp = Timestamps(5, value)
    assert read(1460, stamp) == Offer(1460, shift, sack, Timestamps(5, 0))
