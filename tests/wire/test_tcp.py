from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.wire import tcp
from netlab.wire.checksum import is_valid, pseudo_header, raw_sum
from netlab.wire.errors import ParseError
from netlab.wire.tcp import FLAGS, Flags, Tcp
from netlab.wire.tcp_options import (
    MaximumSegmentSize,
    Option,
    SackPermitted,
    Timestamps,
    UnknownOption,
    WindowScale,
)

u16 = st.integers(0, 0xFFFF)
u32 = st.integers(0, 2**32 - 1)
options: st.SearchStrategy[Option] = st.one_of(
    st.builds(MaximumSegmentSize, u16),
    st.builds(WindowScale, st.integers(0, 14)),
    st.builds(SackPermitted),
    st.builds(Timestamps, u32, u32),
)
headers = st.builds(
    Tcp,
    source_port=u16,
    destination_port=u16,
    sequence=u32,
    acknowledgment=u32,
    flags=st.sampled_from(FLAGS),
    window=u16,
    urgent_pointer=u16,
    options=st.lists(options, max_size=4).map(tuple),
)
A, B = bytes((10, 0, 0, 1)), bytes((10, 0, 0, 2))


@pytest.mark.rule("MUST-2", "MUST-68")
@given(headers, st.binary(max_size=40), st.sampled_from(((A, B), (A * 4, B * 4))))
def test_round_trip(header: Tcp, payload: bytes, between: tuple[bytes, bytes]) -> None:
    segment = header.emit(payload, *between)
    parsed, offset = tcp.parse(memoryview(segment))
    assert parsed == header
    assert parsed.header_length == offset
    assert segment[offset:] == payload
    assert is_valid(raw_sum(segment) + pseudo_header(*between, 6, len(segment)))


def test_flags_have_their_rfc_names() -> None:
    header, _ = tcp.parse(Tcp(1, 2, flags=Flags.SYN | Flags.ACK).emit(b"", A, B))
    assert header.flags == Flags.SYN | Flags.ACK
    assert Flags.SYN in header.flags
    assert Flags.FIN not in header.flags
    assert [flag.name for flag in Flags] == ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"]


def test_an_option_is_found_by_its_class() -> None:
    header = Tcp(1, 2, options=(MaximumSegmentSize(536), SackPermitted()))
    assert header.option(MaximumSegmentSize) == MaximumSegmentSize(536)
    assert header.option(Timestamps) is None


def test_malformed_options_are_problems_not_errors() -> None:
    segment = bytearray(Tcp(1, 2, options=(MaximumSegmentSize(536),)).emit(b"", A, B))
    segment[21] = 9
    header, offset = tcp.parse(bytes(segment))
    assert offset == 24
    assert header.problems == ("tcp option 2 has length 9 with 4 bytes left",)


def test_a_quote_of_eight_bytes_tells_ports_and_sequence() -> None:
    segment = Tcp(1500, 7, 1000, 2000, Flags.ACK).emit(b"", A, B)
    header, offset = tcp.parse_quoted(segment, 0, 8)
    assert header == Tcp(1500, 7, 1000)
    assert offset == 8
    with pytest.raises(ParseError, match="quoted tcp header needs 8 bytes, there are 7"):
        tcp.parse_quoted(segment, 0, 7)


@pytest.mark.parametrize(
    ("data_offset", "end", "sentence"),
    [
        (0x50, 19, "needs 20 bytes, there are 19"),
        (0x40, 20, "data offset 16 is less than 20"),
        (0x60, 20, "needs 24 bytes, there are 20"),
    ],
)
def test_headers_that_cannot_be_are_refused(data_offset: int, end: int, sentence: str) -> None:
    segment = bytearray(40)
    segment[12] = data_offset
    with pytest.raises(ParseError, match=sentence):
        tcp.parse(bytes(segment), 0, end)


def test_more_options_than_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit into 40"):
        Tcp(1, 2, options=(UnknownOption(77, bytes(40)),)).emit(b"", A, B)
