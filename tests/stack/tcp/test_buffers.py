"""The buffers against the simplest thing that could be right: one string of bytes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netlab.stack.tcp.receive_buffer import ReceiveBuffer
from netlab.stack.tcp.send_buffer import SendBuffer

TEXT = bytes(n * 7 % 256 for n in range(20_000))


@given(
    st.lists(
        st.tuples(st.sampled_from(("write", "acknowledge", "piece")), st.integers(0, 6000)),
        max_size=40,
    )
)
def test_pieces_are_what_was_written(steps: list[tuple[str, int]]):
    buffer, written = SendBuffer(1000, 9_000), 0
    for name, amount in steps:
        if name == "write":
            written += buffer.write(TEXT[written : written + amount])
            assert len(buffer) <= 9_000
        elif name == "acknowledge":
            buffer.acknowledge(min(buffer.end, buffer.start + amount))
        else:
            start = buffer.start + min(amount, len(buffer)) // 2
            end = min(start + amount, buffer.end)
            if start < end:
                assert bytes(buffer.piece(start, end)) == TEXT[start - 1000 : end - 1000]
    assert buffer.end == 1000 + written


def test_many_small_writes_are_no_many_objects():
    buffer = SendBuffer(0, 1 << 20)
    for _ in range(100_000):
        buffer.write(b"x")
    assert len(buffer._chunks) < 3
    buffer.acknowledge(99_999)
    assert bytes(buffer.piece(99_999, 100_000)) == b"x"


segments = st.lists(st.tuples(st.integers(0, 400), st.integers(1, 90)), max_size=60)


@given(segments, st.integers(1, 500))
def test_text_is_read_in_order_whatever_order_it_came_in(came: list[tuple[int, int]], size: int):
    buffer, seen, read = ReceiveBuffer(0, 10_000), set[int](), b""
    for start, length in came:
        before = buffer.next
        known = seen & set(range(start, start + length))
        buffer.duplicate = None
        gained = buffer.take(start, TEXT[start : start + length])
        seen |= set(range(start, start + length))
        assert buffer.next == before + gained
        assert buffer.next not in seen
        assert set(range(buffer.next)) <= seen
        assert (buffer.duplicate is not None) == bool(known)
        if buffer.duplicate is not None:
            assert set(range(*buffer.duplicate)) <= known
        read += buffer.read(size)
    while chunk := buffer.read(size):
        read += chunk
    assert read == TEXT[: buffer.next]
    assert buffer.queued == 0


@given(segments)
def test_blocks_tell_what_is_held_and_the_latest_first(came: list[tuple[int, int]]):
    buffer, seen = ReceiveBuffer(0, 10_000), set[int]()
    for start, length in came:
        buffer.take(start + 1, TEXT[start : start + length])
        seen |= set(range(start + 1, start + 1 + length))
        buffer.duplicate = None
        blocks = buffer.blocks()
        assert len(blocks) <= 3
        assert all(set(range(*block)) <= seen and block[0] > buffer.next for block in blocks)
        if start + 1 > buffer.next:
            assert blocks[0][0] <= start + 1 < blocks[0][1]


def test_pieces_out_of_order_are_bounded():
    buffer = ReceiveBuffer(0, 65_536)
    for start in range(2, 60_000, 2):
        buffer.take(start, b"x")
    assert len(buffer._pieces) == 64 + 65_536 // 256
