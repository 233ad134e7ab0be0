from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.wire.errors import ParseError
from netlab.wire.tcp_info import TcpInfo, parse

WORDS = dict.fromkeys(range(24), 0)


def structure(words: dict[int, int], *, ca_state: int = 0, retransmits: int = 0) -> bytes:
    numbers = (WORDS | words).values()
    return struct.pack("=8B24I", 1, ca_state, retransmits, 0, 0, 0, 0, 0, *numbers)


def test_what_the_kernel_knows_of_a_connection() -> None:
    words = {0: 204_000, 2: 1448, 4: 7, 5: 2, 6: 1, 7: 1, 15: 669, 16: 1153, 17: 12, 18: 20, 23: 3}

    assert parse(structure(words, ca_state=3, retransmits=1)) == TcpInfo(
        ca_state="recovery",
        retransmits=1,
        rto=204_000,
        mss=1448,
        unacked=7,
        sacked=2,
        lost=1,
        retrans=1,
        srtt=669,
        rttvar=1153,
        ssthresh=12,
        cwnd=20,
        total_retrans=3,
    )


def test_there_is_no_threshold_before_the_first_loss() -> None:
    assert parse(structure({17: 0x7FFFFFFF})).ssthresh is None


def test_there_is_no_round_trip_time_before_the_first_measurement() -> None:
    assert parse(structure({15: 0})).srtt is None


def test_a_newer_kernel_s_structure_is_longer() -> None:
    assert parse(structure({18: 10}) + bytes(140)).cwnd == 10


@given(st.binary(max_size=103))
def test_a_shorter_structure_is_refused(data: bytes) -> None:
    with pytest.raises(ParseError, match="tcp_info needs 104 bytes"):
        parse(data)


@given(st.binary(min_size=104, max_size=300))
def test_no_bytes_are_too_strange(data: bytes) -> None:
    assert parse(data).cwnd >= 0
