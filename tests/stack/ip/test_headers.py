"""Options of IPv4 and extension headers of IPv6: walked safely, answered as the RFCs say."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.stack.ip import options
from netlab.stack.ip.extensions import check_at_destination, check_hop_by_hop
from netlab.stack.ip.refused import Refused
from netlab.stack.units import MILLISECOND
from netlab.wire.address import from_text
from netlab.wire.ipv6 import ExtensionHeader, ExtensionType, Ipv6

R = from_text("10.0.0.254")
A6, B6, ALL = map(from_text, ("fd00::1", "fd00::2", "ff02::1"))


def problem(check: Callable[..., object], *arguments: object) -> tuple[int, int] | None:
    """Code and pointer of the answer, None for silence."""
    with pytest.raises(Refused) as caught:
        check(*arguments)
    answer = caught.value.answer
    return (answer.code, answer.parameter) if answer else None


@given(st.binary(max_size=40))
def test_whatever_the_options_are_the_walk_ends(raw: bytes):
    try:
        options.check(raw)
    except Refused:
        return
    assert len(options.passed_on(0, raw, R)) == len(raw)


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        (b"\x07", 21),  # no length
        (b"\x01\x07\x01\0", 22),  # a length below two
        (b"\x07\x20\x04\0", 21),  # longer than the header
        (b"\x07\x07\x03\0\0\0\0\0", 22),  # a pointer into the option's own header
        (b"\x44\x08\x04\0\0\0\0\0", 22),
    ],
)
def test_malformed_options_are_pointed_at(raw: bytes, pointer: int):
    assert problem(options.check, raw) == (0, pointer)


@pytest.mark.parametrize("kind", [131, 137])
def test_source_routes_are_refused_in_silence(kind: int):
    assert problem(options.check, bytes((kind, 7, 4, 10, 0, 0, 9, 0))) is None


def test_a_route_is_recorded_while_there_is_room():
    once = options.passed_on(0, b"\x07\x0b\x04" + bytes(8) + b"\0", R)
    assert once == b"\x07\x0b\x08" + R + bytes(4) + b"\0"
    twice = options.passed_on(0, once, R)
    assert twice == b"\x07\x0b\x0c" + R + R + b"\0"
    assert options.passed_on(0, twice, R) == twice


def test_times_are_recorded_and_those_without_room_counted():
    now, time = 1234 * MILLISECOND, (1234).to_bytes(4, "big")
    plain = options.passed_on(now, b"\x44\x08\x05\x00" + bytes(4), R)
    assert plain == b"\x44\x08\x09\x00" + time
    assert options.passed_on(now, plain, R) == b"\x44\x08\x09\x10" + time
    both = options.passed_on(now, b"\x44\x0c\x05\x01" + bytes(8), R)
    assert both == b"\x44\x0c\x0d\x01" + R + time
    asked = options.passed_on(now, b"\x44\x0c\x05\x03" + R + bytes(4), R)
    assert asked == b"\x44\x0c\x0d\x03" + R + time
    other = b"\x44\x0c\x05\x03" + bytes(8)
    assert options.passed_on(now, other, R) == other


def packet(*extensions: ExtensionHeader, to: bytes = B6) -> Ipv6:
    return Ipv6(A6, to, 17, extensions=extensions)


def with_option(kind: int, where: ExtensionType, to: bytes = B6) -> Ipv6:
    return packet(ExtensionHeader(where, bytes((kind, 4)) + bytes(4)), to=to)


@pytest.mark.parametrize(
    ("check", "where"),
    [
        (check_hop_by_hop, ExtensionType.HOP_BY_HOP),
        (check_at_destination, ExtensionType.DESTINATION_OPTIONS),
    ],
)
def test_the_highest_bits_of_an_unknown_option_say_what_to_do(
    check: Callable[..., object], where: ExtensionType
):
    check(with_option(0x1E, where))
    assert problem(check, with_option(0x5E, where)) is None
    assert problem(check, with_option(0x9E, where)) == (2, 42)
    assert problem(check, with_option(0x9E, where, ALL)) == (2, 42)
    assert problem(check, with_option(0xDE, where)) == (2, 42)
    assert problem(check, with_option(0xDE, where, ALL)) is None


def test_hop_by_hop_options_come_first_or_nowhere():
    pad = bytes(6)
    late = packet(
        ExtensionHeader(ExtensionType.DESTINATION_OPTIONS, pad),
        ExtensionHeader(ExtensionType.HOP_BY_HOP, pad),
    )
    assert problem(check_hop_by_hop, late) == (1, 40)


def test_a_routing_header_with_segments_left_is_not_for_us():
    left = ExtensionHeader(ExtensionType.ROUTING, b"\0\1" + bytes(20))
    assert problem(check_at_destination, packet(left)) == (0, 42)
    check_at_destination(packet(ExtensionHeader(ExtensionType.ROUTING, b"\0\0" + bytes(20))))


@given(st.lists(st.tuples(st.sampled_from((0, 43, 60)), st.binary(min_size=6, max_size=30))))
def test_whatever_the_extensions_are_the_walk_ends(given_: list[tuple[int, bytes]]):
    chain = tuple(
        ExtensionHeader(kind, body + bytes(-(len(body) + 2) % 8)) for kind, body in given_
    )
    ip = packet(*chain)
    for check in (check_hop_by_hop, check_at_destination):
        answer = None
        try:
            check(ip)
        except Refused as refused:
            answer = refused.answer
        assert answer is None or 40 <= answer.parameter < ip.header_length
