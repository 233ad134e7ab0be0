from __future__ import annotations

import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from netlab.backends.docker.frames import CONTROL, Frames, frame, message

_frames = st.lists(st.tuples(st.integers(0, 2**32 - 1), st.binary(max_size=40)), max_size=6)


@given(_frames, st.data())
def test_frames_arrive_whole_and_in_order_however_they_are_split(
    sent: list[tuple[int, bytes]], data: st.DataObject
):
    on_the_way = b"".join(frame(stream, content) for stream, content in sent)
    cuts = data.draw(st.lists(st.integers(0, len(on_the_way)), max_size=8))
    frames = Frames()

    arrived = [
        each
        for start, end in pairwise([0, *sorted(cuts), len(on_the_way)])
        for each in frames.feed(on_the_way[start:end])
    ]

    assert arrived == sent


def test_nothing_is_told_of_a_frame_before_its_last_byte():
    whole, frames = frame(7, b"syn"), Frames()

    assert list(frames.feed(whole[:-1])) == []
    assert list(frames.feed(whole[-1:])) == [(7, b"syn")]


def test_a_message_is_json_on_the_stream_for_control():
    ((stream, content),) = Frames().feed(message({"do": "nodes", "nodes": ["c1"]}))

    assert stream == CONTROL
    assert json.loads(content) == {"do": "nodes", "nodes": ["c1"]}
