"""Messages in a stream come out as they went in, however the stream is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.agent.framing import Delimited, FixedLength, Framing, LengthPrefixed, framing

WAYS: tuple[Framing, ...] = (FixedLength(8), Delimited(b"\r\n"), LengthPrefixed(2))
MESSAGES = st.lists(st.text("Helo12", max_size=8).map(str.encode), min_size=1, max_size=5)


def read(way: Framing, stream: bytes) -> tuple[bytes, bytes]:
    """The next message of a stream, read as a socket is, and what is left."""
    frame = b""
    while missing := way.missing(frame):
        assert stream, "the stream ends within a message"
        frame, stream = frame + stream[:missing], stream[missing:]
    return way.message(frame), stream


@pytest.mark.parametrize("way", WAYS, ids=["fixed length", "delimiter", "length prefix"])
@given(messages=MESSAGES)
def test_messages_of_one_stream_are_told_apart(way: Framing, messages: list[bytes]) -> None:
    stream = b"".join(map(way.frame, messages))
    for message in messages:
        found, stream = read(way, stream)
        assert found == message
    assert stream == b""


@given(messages=MESSAGES, by=st.integers(1, 5))
def test_a_message_that_comes_in_pieces_is_waited_for(messages: list[bytes], by: int) -> None:
    way = LengthPrefixed(1)
    stream = b"".join(map(way.frame, messages))
    for message in messages:
        frame = b""
        while missing := way.missing(frame):
            piece = min(missing, by)
            frame, stream = frame + stream[:piece], stream[piece:]
        assert way.message(frame) == message


def test_on_the_wire_each_way_looks_like_this() -> None:
    assert FixedLength(8).frame(b"Hi") == b"Hi\0\0\0\0\0\0"
    assert Delimited(b"\r\n").frame(b"Hi") == b"Hi\r\n"
    assert LengthPrefixed(2).frame(b"Hi") == b"\0\x02Hi"


def test_a_request_says_which_way() -> None:
    assert framing({"framed": {"size": 8}}) == FixedLength(8)
    assert framing({"framed": {"until": "\r\n"}}) == Delimited(b"\r\n")
    assert framing({"framed": {"prefix": 2}}) == LengthPrefixed(2)
    assert framing({"framed": None}) is None
    assert framing({}) is None
