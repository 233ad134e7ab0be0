from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from netlab.agent import payload


def request(conn: str = "first", seed: int = 7, size: int = 100) -> dict[str, object]:
    return {"conn": conn, "seed": seed, "payload_size": size, "payload_text": None}


def test_text_is_sent_as_it_stands():
    assert payload.of({"payload_text": "grüß\r\n"}, 0) == "grüß\r\n".encode()


def test_digits_are_sent_as_the_bytes_they_are():
    assert payload.of({"payload_hex": "123455aa"}, 0) == b"\x12\x34\x55\xaa"


def test_the_same_request_sends_the_same_bytes_in_every_run():
    assert payload.of(request(), 0) == payload.of(request(), 0)
    assert payload.of(request(), 0) == hashlib.shake_256(b"7/first/0").digest(100)


def test_seed_connection_and_place_in_the_stream_change_the_bytes():
    sent = [
        payload.of(request(), 0),
        payload.of(request(seed=8), 0),
        payload.of(request(conn="second"), 0),
        payload.of(request(), 100),
    ]
    assert len(set(sent)) == len(sent)


@given(st.text(), st.integers(0, 300), st.integers(0, 300))
def test_a_stream_has_its_size_and_a_shorter_one_is_its_beginning(key: str, one: int, other: int):
    short, long = sorted((one, other))
    assert len(payload.stream(key, long)) == long
    assert payload.stream(key, long).startswith(payload.stream(key, short))
