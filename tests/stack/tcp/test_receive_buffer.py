from __future__ import annotations

from netlab.stack.tcp.receive_buffer import ReceiveBuffer


def a_buffer(*sizes: int) -> ReceiveBuffer:
    buffer = ReceiveBuffer(0, 1 << 20)
    for number, size in enumerate(sizes):
        buffer.take(buffer.next, bytes([number]) * size)
    return buffer


def test_small_pieces_are_read_together():
    assert len(a_buffer(1000, 1000, 1000).read(10_000)) == 3000


def test_large_pieces_are_read_as_they_came():
    buffer = a_buffer(60_000, 60_000)
    assert [len(buffer.read(1 << 20)) for _ in range(3)] == [60_000, 60_000, 0]


def test_no_more_is_read_than_was_asked_for():
    buffer = a_buffer(1000, 60_000)
    assert [len(buffer.read(1500)) for _ in range(2)] == [1000, 1500]
    assert buffer.queued == 58_500
