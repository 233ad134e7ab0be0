from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.wire import udp
from netlab.wire.checksum import is_valid, pseudo_header, raw_sum
from netlab.wire.errors import ParseError
from netlab.wire.udp import Udp

port = st.integers(0, 0xFFFF)
A, B = bytes((10, 0, 0, 1)), bytes((10, 0, 0, 2))


@given(port, port, st.binary(max_size=40))
def test_round_trip(source: int, destination: int, payload: bytes) -> None:
    datagram = Udp(source, destination).emit(payload, A, B)
    header, offset = udp.parse(datagram)
    assert header == Udp(source, destination)
    assert header.length == len(datagram)
    assert datagram[offset:] == payload
    assert is_valid(raw_sum(datagram) + pseudo_header(A, B, 17, len(datagram)))


def test_a_checksum_of_zero_is_sent_as_ones() -> None:
    plain, _ = udp.parse(Udp(1, 2).emit(bytes(2), A, B))
    sums_to_zero = plain.checksum.to_bytes(2, "big")
    header, _ = udp.parse(Udp(1, 2).emit(sums_to_zero, A, B))
    assert header.checksum == 0xFFFF


def test_lengths_that_cannot_be_are_refused() -> None:
    with pytest.raises(ParseError, match="needs 8 bytes, there are 7"):
        udp.parse(bytes(7))
    with pytest.raises(ParseError, match="udp length 7 is less than its header"):
        udp.parse(bytes.fromhex("0001000200070000"))
