from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.wire import ipv4
from netlab.wire.checksum import is_valid, raw_sum
from netlab.wire.errors import ParseError
from netlab.wire.ipv4 import Ipv4

address = st.binary(min_size=4, max_size=4)
headers = st.builds(
    Ipv4,
    source=address,
    destination=address,
    protocol=st.integers(0, 255),
    ttl=st.integers(0, 255),
    identification=st.integers(0, 0xFFFF),
    dont_fragment=st.booleans(),
    more_fragments=st.booleans(),
    fragment_offset=st.integers(0, 0x1FFF).map(lambda units: units * 8),
    dscp=st.integers(0, 63),
    ecn=st.integers(0, 3),
    options=st.integers(0, 10).flatmap(lambda n: st.binary(min_size=4 * n, max_size=4 * n)),
)


@given(headers, st.binary(max_size=40))
def test_round_trip(header: Ipv4, payload: bytes) -> None:
    datagram = header.emit(payload)
    parsed, offset = ipv4.parse(datagram)
    assert parsed == header
    assert parsed.total_length == len(datagram)
    assert parsed.header_length == offset
    assert datagram[offset:] == payload
    assert is_valid(raw_sum(datagram[:offset]))


def test_a_datagram_in_the_middle_of_a_buffer() -> None:
    header = Ipv4(bytes((10, 0, 0, 1)), bytes((10, 0, 0, 2)), 17)
    buffer = b"before" + header.emit(b"payload") + b"after"
    parsed, offset = ipv4.parse(memoryview(buffer), 6)
    assert parsed == header
    assert buffer[offset : 6 + parsed.total_length] == b"payload"


def test_what_is_a_fragment() -> None:
    assert not Ipv4(bytes(4), bytes(4), 6, dont_fragment=True).is_fragment
    assert Ipv4(bytes(4), bytes(4), 6, more_fragments=True).is_fragment
    assert Ipv4(bytes(4), bytes(4), 6, fragment_offset=1480).is_fragment


@pytest.mark.parametrize(
    ("start", "sentence"),
    [
        ("", "needs 20 bytes, there are 0"),
        ("65000014", "has version 6"),
        ("44000014", "header length 16 is less than 20"),
        ("46000018", "needs 24 bytes, there are 20"),
        ("45000013", "total length 19 is less than its header of 20 bytes"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(start: str, sentence: str) -> None:
    packet = bytes.fromhex(start).ljust(20, b"\0") if start else b""
    with pytest.raises(ParseError, match=sentence):
        ipv4.parse(packet)
