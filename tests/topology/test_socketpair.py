from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.topology.socketpair import STATES, BookSocket, parse
from netlab.wire.address import socket_endpoint

addresses = st.one_of(st.binary(min_size=4, max_size=4), st.binary(min_size=16, max_size=16))
endpoints = st.builds(socket_endpoint, addresses, st.integers(0, 65535))
sockets = st.builds(BookSocket, endpoints, endpoints, st.none() | st.sampled_from(sorted(STATES)))


@given(sockets)
def test_what_is_written_reads_back(socket: BookSocket) -> None:
    assert parse(str(socket)) == socket


@given(st.text() | st.from_regex(r"\{[*:0-9.]+,[*:0-9.]+\} ?[A-Z]*"))
def test_text_is_a_socket_or_refused_in_words(text: str) -> None:
    try:
        socket = parse(text)
    except ValueError as error:
        message = str(error)
    else:
        message = str(socket)
        assert parse(message) == socket
    assert message


def test_the_book_s_notation() -> None:
    socket = parse("{12.106.32.254:21, 206.168.112.219:1500} ESTABLISHED")

    assert socket == BookSocket("12.106.32.254:21", "206.168.112.219:1500", "ESTABLISHED")
    assert parse("{*:21,*:*}  LISTEN") == BookSocket("*:21", "*:*", "LISTEN")
    assert parse("{[fd00:0::1]:7, *:*}") == BookSocket("[fd00::1]:7", "*:*")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("*:21 LISTEN", "looks like"),
        ("{*:21}", "looks like"),
        ("{*:21, *:*} OPEN", "'OPEN' is no TCP state"),
        ("{*:70000, *:*}", "port 70000 is above 65535"),
        ("{server:21, *:*}", "is no address"),
        ("{21, *:*}", "an endpoint looks like"),
        ("{[02:00:00:00:00:01]:7, *:*}", "Ethernet address"),
    ],
)
def test_what_is_no_socket_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse(text)


def test_a_star_describes_only_what_is_not_bound() -> None:
    any_listener, bound = parse("{*:21, *:*} LISTEN"), parse("{10.0.0.1:21, *:*} LISTEN")

    assert any_listener.describes(any_listener)
    assert not any_listener.describes(bound)


def test_without_a_state_any_state_is_described_but_not_the_other_way_round() -> None:
    stateless, listener = parse("{*:21, *:*}"), parse("{*:21, *:*} LISTEN")

    assert stateless.describes(listener)
    assert not listener.describes(stateless)
