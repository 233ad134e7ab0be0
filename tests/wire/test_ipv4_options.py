from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.wire import ipv4_options
from netlab.wire.ipv4_options import Ipv4Option


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (b"", ()),
        (b"\x94\x04\x00\x00", (Ipv4Option(148, b"\x00\x00"),)),
        (b"\x01\x07\x03\x04", (Ipv4Option(1), Ipv4Option(7, b"\x04"))),
        (b"\x01\x00\x07\x07", (Ipv4Option(1), Ipv4Option(0))),
        (b"\x07\x00\x01\x01", (Ipv4Option(7, b"\x00\x01\x01"),)),
        (b"\x01\x01\x01\x07", (Ipv4Option(1), Ipv4Option(1), Ipv4Option(1), Ipv4Option(7))),
    ],
    ids=["none", "router alert", "padded", "ended", "no length", "cut short"],
)
def test_options_are_listed_in_their_order(
    options: bytes, expected: tuple[Ipv4Option, ...]
) -> None:
    assert ipv4_options.parse(options) == expected


def test_an_option_has_a_name_and_tells_whether_fragments_copy_it() -> None:
    alert, route, unknown = map(Ipv4Option, (148, 7, 200))
    assert (alert.name, alert.copied) == ("router alert", True)
    assert (route.name, route.copied) == ("record route", False)
    assert unknown.name == "option 200"


@given(st.binary(max_size=40))
def test_no_bytes_are_too_odd(options: bytes) -> None:
    taken = sum(1 if o.type < 2 else 2 + len(o.data) for o in ipv4_options.parse(options))
    assert taken <= len(options) + 1
