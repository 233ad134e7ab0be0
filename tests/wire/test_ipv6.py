from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.wire import ipv6
from netlab.wire.errors import ParseError
from netlab.wire.ipv6 import ExtensionHeader, ExtensionType, Ipv6, fragment_header

address = st.binary(min_size=16, max_size=16)
plain = st.builds(
    ExtensionHeader,
    st.sampled_from(
        (ExtensionType.HOP_BY_HOP, ExtensionType.ROUTING, ExtensionType.DESTINATION_OPTIONS)
    ),
    st.integers(0, 3).flatmap(lambda n: st.binary(min_size=6 + 8 * n, max_size=6 + 8 * n)),
)
first_fragment = st.integers(0, 2**32 - 1).map(lambda i: fragment_header(0, i, more=True))
headers = st.builds(
    Ipv6,
    source=address,
    destination=address,
    protocol=st.integers(61, 255),
    hop_limit=st.integers(0, 255),
    traffic_class=st.integers(0, 255),
    flow_label=st.integers(0, 0xFFFFF),
    extensions=st.lists(plain | first_fragment, max_size=5).map(tuple),
)


@given(headers, st.binary(max_size=40))
def test_round_trip(header: Ipv6, payload: bytes) -> None:
    datagram = header.emit(payload)
    parsed, offset = ipv6.parse(memoryview(datagram))
    assert parsed == header
    assert parsed.total_length == len(datagram)
    assert parsed.header_length == offset
    assert datagram[offset:] == payload


def test_behind_a_later_fragment_header_comes_data_not_a_header() -> None:
    fragment = fragment_header(1448, 77, more=False)
    header = Ipv6(bytes(16), bytes(16), ExtensionType.ROUTING, extensions=(fragment,))
    parsed, offset = ipv6.parse(header.emit(b"\xff" * 16))
    assert offset == 48
    assert (parsed.protocol, parsed.fragment_offset, parsed.identification) == (43, 1448, 77)
    assert parsed.is_fragment
    assert not parsed.more_fragments


def test_without_a_fragment_header_nothing_is_a_fragment() -> None:
    header = Ipv6(bytes(16), bytes(16), 6, traffic_class=0xBB)
    assert not header.is_fragment
    assert (header.dscp, header.ecn) == (46, 3)


def test_a_short_option_body_is_padded() -> None:
    header = Ipv6(bytes(16), bytes(16), 17, extensions=(ExtensionHeader(60, b"\x01"),))
    parsed, offset = ipv6.parse(header.emit())
    assert offset == 48
    assert parsed.extensions[0].body == b"\x01" + bytes(5)


def test_a_chain_without_end_is_refused() -> None:
    chain = (ExtensionHeader(ExtensionType.ROUTING, bytes(6)),) * 17
    with pytest.raises(ParseError, match="more than 16 extension headers"):
        ipv6.parse(Ipv6(bytes(16), bytes(16), 6, extensions=chain).emit())


def test_an_extension_header_beyond_the_end_is_refused() -> None:
    header = Ipv6(bytes(16), bytes(16), 6, extensions=(ExtensionHeader(0, bytes(14)),))
    with pytest.raises(ParseError, match="extension header 0 is cut short"):
        ipv6.parse(header.emit()[:48])


def test_an_extension_header_may_not_reach_beyond_the_datagram() -> None:
    header = Ipv6(bytes(16), bytes(16), 6, extensions=(ExtensionHeader(0, bytes(6)),))
    datagram = bytearray(header.emit())
    datagram[41] = 1
    with pytest.raises(ParseError, match="cut short"):
        ipv6.parse(bytes(datagram) + b"padding of the frame")


def test_short_and_wrong_headers_are_refused() -> None:
    with pytest.raises(ParseError, match="needs 40 bytes, there are 39"):
        ipv6.parse(bytes(39))
    with pytest.raises(ParseError, match="has version 4"):
        ipv6.parse(b"\x45" + bytes(39))
