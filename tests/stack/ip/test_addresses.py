from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.stack.ip import addresses
from netlab.stack.ip.addresses import Scope
from netlab.wire.address import from_text, to_text

V4 = st.binary(min_size=4, max_size=4)
V6 = st.binary(min_size=16, max_size=16)


@given(V4 | V6)
def test_kinds_are_those_that_the_standard_library_knows(address: bytes):
    known = ipaddress.ip_address(address)
    assert addresses.is_multicast(address) == known.is_multicast
    assert addresses.is_loopback(address) == known.is_loopback
    assert addresses.is_link_local(address) == known.is_link_local


@given(V4 | V6, st.integers(0, 128))
def test_networks_are_those_that_the_standard_library_knows(address: bytes, length: int):
    length = min(length, 8 * len(address))
    known = ipaddress.ip_network((address, length), strict=False)
    assert addresses.network(address, length) == known.network_address.packed
    if len(address) == 4:
        broadcast = addresses.directed_broadcast(address, length)
        assert broadcast == (known.broadcast_address.packed if length < 31 else None)


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("ff02::1", Scope.LINK),
        ("ff01::1", Scope.INTERFACE),
        ("ff05::2", Scope.SITE),
        ("ff0e::1", Scope.GLOBAL),
        ("fe80::1", Scope.LINK),
        ("fd00::1", Scope.GLOBAL),
        ("224.0.0.251", Scope.LINK),
        ("239.1.2.3", Scope.GLOBAL),
        ("10.0.0.1", Scope.GLOBAL),
        ("169.254.3.4", Scope.LINK),
    ],
)
def test_scopes(text: str, scope: Scope):
    assert addresses.scope(from_text(text)) is scope


def test_what_is_made_of_an_address():
    mac = from_text("02:00:00:00:00:0a")
    assert to_text(addresses.link_local(mac)) == "fe80::ff:fe00:a"
    assert to_text(addresses.solicited_node(from_text("fd00::12:3456"))) == "ff02::1:ff12:3456"
    assert to_text(addresses.multicast_mac(from_text("239.129.2.3"))) == "01:00:5e:01:02:03"
    assert to_text(addresses.multicast_mac(from_text("ff15::7"))) == "33:33:00:00:00:07"


@pytest.mark.parametrize(
    "text", ["0.0.0.0", "224.0.0.1", "255.255.255.255", "240.0.0.1", "ff02::1"]
)
def test_what_is_no_source(text: str):
    assert not addresses.may_be_source(from_text(text))


def test_common_prefixes():
    one, other = from_text("fd00::1"), from_text("fd00::3")
    assert addresses.common_prefix_length(one, other) == 126
    assert addresses.common_prefix_length(one, one) == 128
