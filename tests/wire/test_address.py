from __future__ import annotations

import ipaddress
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.wire.address import endpoint, from_text, socket_endpoint, to_text, unmapped


@pytest.mark.parametrize(
    "text",
    [
        "12.106.32.254",
        "0.0.0.0",
        "fd00::1",
        "::",
        "::1",
        "2001:db8::1:0:0:1",
        "2001:db8:0:1:1:1:1:1",
        "::ffff:10.0.0.1",
        "02:00:00:00:00:0a",
    ],
)
def test_text_comes_back_as_it_was(text: str) -> None:
    assert to_text(from_text(text)) == text


@given(
    st.binary(min_size=16, max_size=16) | st.binary(min_size=4, max_size=4).map(bytes(12).__add__)
)
def test_ipv6_is_written_as_rfc_5952_wants(address: bytes) -> None:
    if address[:12] == bytes(10) + b"\xff\xff":
        return
    assert to_text(address) == str(ipaddress.IPv6Address(address))
    assert from_text(to_text(address)) == address


@given(st.binary(min_size=4, max_size=4))
def test_ipv4_as_the_library_writes_it(address: bytes) -> None:
    assert to_text(address) == str(ipaddress.IPv4Address(address))


@pytest.mark.parametrize(
    "text",
    ["", "10.0.0", "10.0.0.256", "fd00:::1", "server", "fd00::1%lo", "+1:02:03:04:05:06", "é::"],
)
def test_what_is_no_address_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="is no address") as error:
        from_text(text)
    assert repr(text) in str(error.value)


@given(st.text(max_size=20))
def test_from_text_raises_nothing_but_value_error(text: str) -> None:
    with suppress(ValueError):
        assert len(from_text(text)) in {4, 6, 16}


def test_to_text_refuses_other_lengths() -> None:
    with pytest.raises(ValueError, match="5 bytes are no address"):
        to_text(bytes(5))


def test_endpoints() -> None:
    assert endpoint(from_text("1.2.3.4"), 7) == "1.2.3.4:7"
    assert endpoint(from_text("fd00::1"), 7) == "[fd00::1]:7"


def test_a_socket_table_shows_stars_for_what_is_not_bound() -> None:
    assert socket_endpoint(bytes(4), 21) == "*:21"
    assert socket_endpoint(bytes(16), 0) == "*:*"
    assert socket_endpoint(from_text("1.2.3.4"), 0) == "1.2.3.4:*"
    assert socket_endpoint(from_text("fd00::1"), 21) == "[fd00::1]:21"


def test_mapped_addresses_are_ipv4() -> None:
    assert unmapped(from_text("::ffff:10.0.0.1")) == from_text("10.0.0.1")
    assert unmapped(from_text("::1")) == from_text("::1")
    assert unmapped(from_text("10.0.0.1")) == from_text("10.0.0.1")
