from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netlab.stack.tcp.send_buffer import SendBuffer

START = 1000


@given(
    st.lists(st.tuples(st.integers(0, 9000), st.sampled_from(["bytes", "view", "array"]))),
    st.data(),
)
def test_what_was_written_is_there_whatever_it_was_written_as(
    writes: list[tuple[int, str]], data: st.DataObject
):
    buffer, whole = SendBuffer(START, 50_000), b""
    for number, (size, kind) in enumerate(writes):
        block = bytes([number % 251]) * size
        form = {"bytes": bytes, "view": memoryview, "array": bytearray}[kind]
        taken = buffer.write(form(block))
        assert taken == min(size, 50_000 - len(whole))
        whole += block[:taken]
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    if start < end:
        assert bytes(buffer.piece(START + start, START + end)) == whole[start:end]
    buffer.acknowledge(START + start)
    if start < end:
        assert bytes(buffer.piece(START + start, START + end)) == whole[start:end]


def test_what_may_change_is_copied():
    buffer, block = SendBuffer(START, 50_000), bytearray(b"a" * 5000)
    buffer.write(block)
    buffer.write(memoryview(block))
    block[:] = b"b" * 5000
    assert bytes(buffer.piece(START, START + 10_000)) == b"a" * 10_000


def test_what_cannot_change_is_not():
    buffer, block = SendBuffer(START, 50_000), b"a" * 5000
    buffer.write(memoryview(block)[1000:])
    piece = buffer.piece(START, START + 4000)
    assert isinstance(piece, memoryview)
    assert piece.obj is block


def test_small_writes_keep_their_places_however_many_they_are():
    buffer, whole = SendBuffer(START, 1 << 20), b""
    for number in range(300):
        block = bytes([number % 251]) * 700
        buffer.write(block)
        whole += block
    for start in range(0, len(whole), 1448):
        piece = buffer.piece(START + start, START + min(start + 1448, len(whole)))
        assert bytes(piece) == whole[start : start + 1448]
