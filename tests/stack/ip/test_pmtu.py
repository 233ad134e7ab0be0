from __future__ import annotations

from netlab.stack.ip.pmtu import LIFETIME, MAX_PATHS, PathMtus, plateau_below
from netlab.wire.address import from_text

A, A6 = from_text("10.0.1.2"), from_text("fd00:1::2")


def test_what_a_router_says_is_believed_for_ten_minutes():
    paths = PathMtus()
    assert paths.get(A, 1500) == 1500
    assert paths.too_big(0, A, 1400, 1500, 1500) == 1400
    assert paths.get(A, 1500) == 1400
    assert paths.next_timeout() == LIFETIME
    assert paths.handle_timeout(LIFETIME) == [A]
    assert paths.get(A, 1500) == 1500


def test_it_never_grows_by_being_told_so():
    paths = PathMtus()
    paths.too_big(0, A, 1300, 1500, 1500)
    assert paths.too_big(1, A, 1400, 1500, 1300) is None
    assert paths.get(A, 1500) == 1300


def test_a_router_that_does_not_know_rfc_1191_makes_the_next_plateau():
    assert PathMtus().too_big(0, A, 0, 1500, 1500) == 1492
    assert plateau_below(1492) == 1006
    assert plateau_below(60) == 68


def test_no_path_carries_less_than_every_path_must():
    paths = PathMtus()
    assert paths.too_big(0, A, 68, 1500, 1500) == 552
    assert paths.too_big(0, A6, 1279, 1500, 1500) is None
    assert paths.get(A6, 1500) == 1500


def test_a_smaller_link_counts_more_than_what_is_known():
    paths = PathMtus()
    paths.too_big(0, A, 1400, 1500, 1500)
    assert paths.get(A, 1000) == 1000


def test_the_oldest_path_makes_room():
    paths = PathMtus()
    for number in range(MAX_PATHS + 1):
        paths.too_big(number, number.to_bytes(4, "big"), 1400, 1500, 1500)
    assert len(paths) == MAX_PATHS
    assert paths.get(bytes(4), 1500) == 1500
