from __future__ import annotations

import errno
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.stack.ip.addresses import network
from netlab.stack.ip.routes import MAX_REDIRECTS, REDIRECT_LIFETIME, Route, Routes
from netlab.wire.address import from_text

A, R, R2 = map(from_text, ("10.0.1.2", "10.0.0.254", "10.0.0.253"))

#: Few bits differ, so that prefixes contain each other often.
NEAR = st.integers(0, 255).map(lambda n: bytes((10, 0, n, n ^ 0x55)))


def routes(*given: Route) -> Routes:
    table = Routes()
    for route in given:
        table.add(route)
    return table


@st.composite
def some_route(draw: st.DrawFn) -> Route:
    length = draw(st.sampled_from((0, 8, 16, 20, 22, 24, 27, 30, 32)))
    metric = draw(st.integers(0, 3))
    return Route(network(draw(NEAR), length), length, f"eth{metric}", metric=metric)


@given(st.lists(some_route(), max_size=20), st.lists(st.integers(0, 19), max_size=5), NEAR)
def test_the_longest_prefix_wins_then_the_lowest_metric(
    known: list[Route], removed: list[int], destination: bytes
):
    table = routes(*known)
    for index in removed:
        if index < len(known):
            table.remove(known[index])
    gone = {known[i] for i in removed if i < len(known)}
    left = [r for r in known if r not in gone]
    fitting = [r for r in left if network(destination, r.prefix_length) == r.prefix]
    if not fitting:
        with pytest.raises(OSError, match=os.strerror(errno.ENETUNREACH)):
            table.find(destination)
        return
    best = max(fitting, key=lambda r: (r.prefix_length, -r.metric))
    found = table.find(destination)
    assert (found.prefix_length, found.metric) == (best.prefix_length, best.metric)


def test_versions_do_not_meet():
    table = routes(Route(bytes(4), 0, "eth0"))
    with pytest.raises(OSError, match="unreachable"):
        table.find(from_text("fd00::1"))


def test_a_prefix_has_no_host_bits():
    with pytest.raises(ValueError, match="host bits"):
        Routes().add(Route(A, 24, "eth0"))


def test_a_redirect_is_for_one_destination_and_for_a_while():
    table = routes(Route(bytes(4), 0, "eth0", R))
    before = table.version
    table.redirect(0, A, R2, "eth0")
    assert table.version != before
    assert table.find(A).gateway == R2
    assert table.find(from_text("10.0.1.3")).gateway == R
    assert table.next_timeout() == REDIRECT_LIFETIME
    table.handle_timeout(REDIRECT_LIFETIME)
    assert table.find(A).gateway == R


def test_a_redirect_to_the_destination_itself_needs_no_router():
    table = routes(Route(bytes(4), 0, "eth0", R))
    table.redirect(0, A, A, "eth0")
    assert table.find(A).next_hop(A) == A


def test_redirects_to_a_router_that_does_not_answer_are_forgotten():
    table = routes(Route(bytes(4), 0, "eth0", R))
    table.redirect(0, A, R2, "eth0")
    table.forget_gateway(R2)
    assert table.find(A).gateway == R
    assert table.next_timeout() is None


def test_redirects_are_bounded():
    table = routes(Route(bytes(4), 0, "eth0", R))
    for number in range(MAX_REDIRECTS + 10):
        table.redirect(number, number.to_bytes(4, "big"), R2, "eth0")
    assert len(list(table)) == MAX_REDIRECTS + 1


def test_a_route_may_be_asked_for_through_one_interface():
    table = routes(Route(bytes(4), 0, "eth0", R), Route(bytes(4), 0, "eth1", R2, metric=5))
    assert table.find(A, interface="eth1").gateway == R2
    with pytest.raises(OSError, match="unreachable"):
        table.find(A, interface="eth2")
