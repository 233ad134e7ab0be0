"""What the engine makes of a program's output, however it is cut into pieces."""

from __future__ import annotations

import struct
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as some

from netlab.backends.docker.streams import pieces, terminal_pieces

OUTPUTS = some.lists(some.tuples(some.sampled_from([1, 2]), some.binary(min_size=1)))


class Pieces:
    """A connection on which these arrive, and then the end."""

    def __init__(self, data: bytes, cuts: list[int]) -> None:
        places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
        cut = [data[a:b] for a, b in pairwise(places)]
        self._left = [each for each in cut if each]

    def recv(self, size: int, /) -> bytes:
        return self._left.pop(0) if self._left else b""

    def sendall(self, data: bytes, /) -> None: ...

    def end_input(self) -> None: ...

    def close(self) -> None: ...


@given(OUTPUTS, some.lists(some.integers(0, 10_000)))
def test_streams_are_told_apart(outputs: list[tuple[int, bytes]], cuts: list[int]):
    sent = b"".join(struct.pack("!B3xI", stream, len(data)) + data for stream, data in outputs)
    assert list(pieces(Pieces(sent, cuts))) == outputs


@given(some.binary(), some.lists(some.integers(0, 10_000)))
def test_a_terminal_has_one_stream(printed: bytes, cuts: list[int]):
    assert b"".join(data for _, data in terminal_pieces(Pieces(printed, cuts))) == printed
