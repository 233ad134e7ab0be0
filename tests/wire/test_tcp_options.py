from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.wire import tcp_options
from netlab.wire.tcp_options import (
    MalformedOption,
    MaximumSegmentSize,
    NoOperation,
    Option,
    Sack,
    SackPermitted,
    Timestamps,
    UnknownOption,
    WindowScale,
)

u32 = st.integers(0, 2**32 - 1)
options: st.SearchStrategy[Option] = st.one_of(
    st.builds(NoOperation),
    st.builds(MaximumSegmentSize, st.integers(0, 0xFFFF)),
    st.builds(WindowScale, st.integers(0, 255)),
    st.builds(SackPermitted),
    st.builds(Sack, st.lists(st.tuples(u32, u32), min_size=1, max_size=4).map(tuple)),
    st.builds(Timestamps, u32, u32),
    st.builds(UnknownOption, st.integers(9, 255), st.binary(max_size=20)),
)


@pytest.mark.rule("MUST-69")
@given(st.lists(options, max_size=6).map(tuple))
def test_round_trip(sent: tuple[Option, ...]) -> None:
    packed = tcp_options.emit(sent)
    assert len(packed) % 4 == 0
    assert tcp_options.parse(packed) == sent


@pytest.mark.rule("MUST-7", "MUST-64")
@given(st.binary(max_size=40))
def test_parsing_never_raises_and_emitting_gives_the_bytes_back(data: bytes) -> None:
    emitted = tcp_options.emit(tcp_options.parse(data))
    listed = len(b"".join(option.emit() for option in tcp_options.parse(data)))
    assert emitted[:listed] == data[:listed]
    assert listed == len(data) or data[listed] == tcp_options.END_OF_OPTIONS


def test_a_syn_of_linux() -> None:
    data = bytes.fromhex("020405b4 0402 080a 00000001 00000000 01 030307")
    assert tcp_options.parse(data) == (
        MaximumSegmentSize(1460),
        SackPermitted(),
        Timestamps(1, 0),
        NoOperation(),
        WindowScale(7),
    )


def test_the_aligned_timestamps_of_every_other_segment() -> None:
    data = bytes.fromhex("0101080a 00000009 00000008")
    assert tcp_options.parse(data) == (NoOperation(), NoOperation(), Timestamps(9, 8))


def test_nothing_is_listed_behind_the_end() -> None:
    assert tcp_options.parse(bytes.fromhex("0400 0204")) == (
        MalformedOption(b"\x04\x00\x02\x04", "tcp option 4 has length 0 with 4 bytes left"),
    )
    assert tcp_options.parse(bytes.fromhex("01 00 0204 05b4")) == (NoOperation(),)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ("0203b4", "tcp option maximum segment size has length 3"),
        ("0506 00000000", "tcp option sack has length 6"),
        ("0204 05", "tcp option 2 has length 4 with 3 bytes left"),
        ("08", "tcp option 8 has length 0 with 1 bytes left"),
    ],
)
def test_a_malformed_option_says_what_is_wrong(data: str, problem: str) -> None:
    (option,) = tcp_options.parse(bytes.fromhex(data))
    assert option == MalformedOption(bytes.fromhex(data), problem)


def test_the_list_goes_on_behind_an_option_of_a_wrong_length() -> None:
    assert tcp_options.parse(bytes.fromhex("0303 07 03 04 0707"))[0] == WindowScale(7)
    assert tcp_options.parse(bytes.fromhex("03040707 0402"))[1] == SackPermitted()
