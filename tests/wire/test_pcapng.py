from __future__ import annotations

import io
import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.wire import pcapng
from netlab.wire.errors import ParseError
from netlab.wire.pcapng import Frame, InterfaceDescription, Reader, Section, Statistics

T = 1_700_000_000_123_456_789
HEADER = pcapng.section_header(hardware="x86_64", os="Linux", application="netlab")
INTERFACES = pcapng.interface_description("c1:eth0", description="c1 -- r1") + (
    pcapng.interface_description("r1:eth0", snaplen=128)
)


def big_endian_file() -> bytes:
    """What a capture on another kind of machine looks like, with microseconds."""
    section = struct.pack(">IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)
    interface = struct.pack(">IIHHII", 1, 20, 1, 0, 96, 20)
    ticks = T // 1000
    packet = struct.pack(">IIIIIII", 6, 36, 0, ticks >> 32, ticks & 0xFFFFFFFF, 3, 60)
    return section + interface + packet + b"abc\0" + struct.pack(">I", 36)


def test_a_file_comes_back_as_written() -> None:
    written = (
        HEADER
        + INTERFACES
        + pcapng.enhanced_packet(1, T, b"frame", 1500, outbound=True, comment="the second FIN")
        + pcapng.enhanced_packet(0, T + 1, b"", 0, outbound=False)
        + pcapng.interface_statistics(0, T + 2, received=2**40, dropped=3)
    )
    c1 = InterfaceDescription(0, "c1:eth0", "c1 -- r1", resolution=10**9)
    r1 = InterfaceDescription(1, "r1:eth0", snaplen=128, resolution=10**9)
    assert list(pcapng.read(io.BytesIO(written))) == [
        Section("x86_64", "Linux", "netlab"),
        c1,
        r1,
        Frame(r1, T, b"frame", 1500, True, "the second FIN"),
        Frame(c1, T + 1, b"", 0, False),
        Statistics(c1, T + 2, 2**40, 3),
    ]


@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.integers(0, 2**63), st.binary(max_size=70), st.booleans()),
        max_size=8,
    ),
    st.integers(1, 50),
)
def test_a_growing_file_is_read_whatever_its_steps(
    frames: list[tuple[int, int, bytes, bool]], step: int
) -> None:
    written = HEADER + INTERFACES
    for interface, t, data, outbound in frames:
        written += pcapng.enhanced_packet(interface, t, data, len(data), outbound=outbound)
    reader = Reader()
    blocks = [
        block
        for start in range(0, len(written), step)
        for block in reader.feed(written[start : start + step])
    ]
    assert blocks == list(pcapng.read(io.BytesIO(written)))
    seen = [(b.interface.index, b.t, b.data, b.outbound) for b in blocks if isinstance(b, Frame)]
    assert seen == frames


@pytest.mark.parametrize("missing", [1, 4, 20, 35])
def test_the_unfinished_block_of_a_killed_writer_is_left_out(missing: int) -> None:
    written = HEADER + INTERFACES
    whole = pcapng.enhanced_packet(0, T, b"abc", 3, outbound=True)
    blocks = list(pcapng.read(io.BytesIO(written + whole + whole[:-missing])))
    assert len([b for b in blocks if isinstance(b, Frame)]) == 1


def test_the_other_byte_order_and_microseconds() -> None:
    _, interface, frame = pcapng.read(io.BytesIO(big_endian_file()))
    assert isinstance(interface, InterfaceDescription)
    assert interface.snaplen == 96
    assert frame == Frame(interface, T // 1000 * 1000, b"abc", 60)


def test_sections_of_both_byte_orders_follow_each_other() -> None:
    blocks = list(pcapng.read(io.BytesIO(big_endian_file() + HEADER + INTERFACES)))
    assert [b.index for b in blocks if isinstance(b, InterfaceDescription)] == [0, 0, 1]


def test_powers_of_two_and_offsets_of_time() -> None:
    interface = InterfaceDescription(0, resolution=2**10, offset=5)
    assert interface.nanoseconds(512) == 5_500_000_000


def test_unknown_blocks_and_options_are_skipped() -> None:
    unknown = struct.pack("<II4sI", 0x0BAD, 16, b"????", 16)
    option = pcapng._option(2988, b"secret") + pcapng._text_option(2, "eth0")
    interface = pcapng._block(1, struct.pack("<HHI", 1, 0, 0), option)
    blocks = list(pcapng.read(io.BytesIO(HEADER + unknown + interface)))
    assert blocks[1:] == [InterfaceDescription(0, "eth0")]


def _bad_length(size: int) -> bytes:
    return HEADER + struct.pack("<III", 6, size, 0)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"GIF89a, not a capture", "not a pcapng file"),
        (struct.pack("<III", 0x0A0D0D0A, 28, 7), "no byte-order magic"),
        (_bad_length(8), "impossible length 8"),
        (_bad_length(13), "impossible length 13"),
        (_bad_length(1 << 30), "impossible length"),
        (HEADER + struct.pack("<IIII", 6, 16, 0, 16), "block of type 6 is too short"),
        (HEADER + pcapng.enhanced_packet(0, T, b"", 0, outbound=True), "interface 0 is used"),
        (
            HEADER + INTERFACES + pcapng._block(6, struct.pack("<IIIII", 0, 0, 0, 99, 99), b""),
            "packet of 99 bytes is longer than its block",
        ),
    ],
)
def test_damage_is_said(data: bytes, sentence: str) -> None:
    with pytest.raises(ParseError, match=sentence):
        list(pcapng.read(io.BytesIO(data)))


@given(st.integers(0, 300), st.binary(min_size=1, max_size=8))
def test_damage_raises_nothing_but_parse_errors(position: int, noise: bytes) -> None:
    written = HEADER + INTERFACES + pcapng.enhanced_packet(1, T, b"abc", 3, outbound=True)
    damaged = written[:position] + noise + written[position + len(noise) :]
    with suppress(ParseError):
        assert len(list(pcapng.read(io.BytesIO(damaged)))) <= 4
