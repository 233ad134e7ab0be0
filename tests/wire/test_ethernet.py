from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.wire import ethernet
from netlab.wire.errors import ParseError
from netlab.wire.ethernet import Ethernet

mac = st.binary(min_size=6, max_size=6)


@given(st.builds(Ethernet, mac, mac, st.integers(0, 0xFFFF)), st.binary(max_size=20))
def test_round_trip(header: Ethernet, payload: bytes) -> None:
    frame = header.emit(payload)
    parsed, offset = ethernet.parse(memoryview(frame))
    assert parsed == header
    assert frame[offset:] == payload


def test_thirteen_bytes_are_no_frame() -> None:
    with pytest.raises(ParseError, match="needs 14 bytes, there are 13"):
        ethernet.parse(bytes(13))
