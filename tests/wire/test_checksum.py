from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netlab.wire.checksum import checksum, is_valid, pseudo_header, raw_sum


def word_by_word(data: bytes) -> int:
    """RFC 1071, section 4.1, as it stands there."""
    total = 0
    for index in range(0, len(data), 2):
        total += int.from_bytes(data[index : index + 2].ljust(2, b"\0"), "big")
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def test_the_example_of_rfc_1071() -> None:
    data = bytes.fromhex("0001f203f4f5f6f7")
    assert checksum(data) == 0xFFFF - 0xDDF2


@given(st.binary(max_size=100))
def test_it_is_the_sum_word_by_word(data: bytes) -> None:
    assert checksum(data) == word_by_word(data)
    assert checksum(memoryview(data)) == word_by_word(data)


@given(st.sampled_from((b"", bytes(2), b"\xff\xff", b"\xff\xfe\x00\x01", bytes(5))))
def test_both_zeros_of_ones_complement_come_out_right(data: bytes) -> None:
    assert checksum(data) == word_by_word(data)


@given(st.binary(max_size=60), st.binary(min_size=4, max_size=4), st.integers(0, 255))
def test_the_pseudo_header_is_summed_like_bytes_in_front(
    data: bytes, source: bytes, protocol: int
) -> None:
    destination = bytes(reversed(source))
    written = source + destination + bytes((0, protocol)) + len(data).to_bytes(2, "big")
    pseudo = pseudo_header(source, destination, protocol, len(data))
    assert checksum(data, pseudo) == word_by_word(written + data)


@given(st.binary(min_size=2, max_size=60), st.integers(0, 7))
def test_a_message_with_its_checksum_is_valid_until_a_bit_flips(body: bytes, bit: int) -> None:
    body = b"\x45" + body + bytes(len(body) % 2 == 0)
    message = checksum(body).to_bytes(2, "big") + body
    assert is_valid(raw_sum(message))
    flipped = bytes((message[0] ^ 1 << bit,)) + message[1:]
    assert not is_valid(raw_sum(flipped))


def test_nothing_but_zeros_is_not_valid() -> None:
    assert not is_valid(0)
