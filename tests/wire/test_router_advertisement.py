from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.wire import icmpv6, router_advertisement
from netlab.wire.address import from_text
from netlab.wire.errors import ParseError
from netlab.wire.icmpv6 import Icmpv6, Type
from netlab.wire.router_advertisement import Prefix, RouterAdvertisement

R, ALL = from_text("fe80::1"), from_text("ff02::1")
u32 = st.integers(0, 0xFFFFFFFF)
prefix = st.builds(
    Prefix,
    st.binary(min_size=16, max_size=16),
    st.integers(0, 255),
    u32,
    u32,
    st.booleans(),
    st.booleans(),
)
advertisement = st.builds(
    RouterAdvertisement,
    st.integers(0, 255),
    st.integers(0, 65535),
    st.booleans(),
    st.booleans(),
    u32,
    u32,
    st.lists(prefix, max_size=3).map(tuple),
    st.none() | u32,
    st.none() | st.binary(min_size=6, max_size=6),
)


@given(advertisement)
def test_round_trip(said: RouterAdvertisement):
    message, _ = icmpv6.parse(said.message().emit(b"", R, ALL))
    assert message.has_sound_options
    assert router_advertisement.parse(message) == said


@given(st.binary(min_size=8, max_size=100))
def test_noise_behind_the_times_is_left_out(body: bytes):
    parsed = router_advertisement.parse(Icmpv6(Type.ROUTER_ADVERTISEMENT, 0, bytes(4), body))
    assert parsed.lifetime == 0


def test_less_than_its_times_is_none():
    with pytest.raises(ParseError, match="has 15 bytes"):
        router_advertisement.parse(Icmpv6(Type.ROUTER_ADVERTISEMENT, body=bytes(7)))
