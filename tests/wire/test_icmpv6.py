from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.wire import icmpv6
from netlab.wire.address import from_text
from netlab.wire.errors import ParseError
from netlab.wire.icmpv6 import Icmpv6, NdOption, NdOptionType, Type

A, B = from_text("fd00::a"), from_text("fd00::b")
MAC = from_text("02:00:00:00:00:0b")
byte = st.integers(0, 255)
rest = st.binary(min_size=4, max_size=4)
with_payload = st.sampled_from((1, 2, 3, 4, 128, 129, 200))
with_body = st.integers(130, 137) | st.just(143)


@given(st.builds(Icmpv6, with_payload, byte, rest), st.binary(max_size=30))
def test_round_trip_with_payload(header: Icmpv6, payload: bytes) -> None:
    message = header.emit(payload, A, B)
    assert icmpv6.parse(message) == (header, 8)
    assert message[8:] == payload


@given(st.builds(Icmpv6, with_body, byte, rest, st.binary(max_size=60)))
def test_round_trip_with_body(header: Icmpv6) -> None:
    message = header.emit(b"", A, B)
    assert icmpv6.parse(memoryview(message)) == (header, len(message))
    assert isinstance(header.options, tuple)


def test_neighbor_advertisement() -> None:
    option = NdOption(NdOptionType.TARGET_LINK_LAYER_ADDRESS, MAC)
    sent = Icmpv6(Type.NEIGHBOR_ADVERTISEMENT, 0, b"\x60\0\0\0", B + option.emit())
    header, _ = icmpv6.parse(sent.emit(b"", B, A))
    assert header.name == "neighbor advertisement"
    assert header.target == B
    assert header.options == (option,)
    assert header.link_layer_address == MAC


def test_redirect_has_a_target_and_a_destination() -> None:
    header = Icmpv6(Type.REDIRECT, 0, bytes(4), A + B)
    assert (header.target, header.redirected) == (A, B)


def test_options_end_at_the_first_malformed_one() -> None:
    good = NdOption(NdOptionType.MTU, bytes(2) + (1280).to_bytes(4, "big"))
    body = bytes(8) + good.emit() + b"\x05\x00" + bytes(6)
    assert Icmpv6(Type.ROUTER_ADVERTISEMENT, 0, bytes(4), body).options == (good,)


def test_multicast_listeners() -> None:
    header = Icmpv6(Type.MULTICAST_LISTENER_REPORT, 0, bytes(4), from_text("ff02::1"))
    assert header.name == "multicast listener report"
    assert header.group == from_text("ff02::1")


def test_errors_tell_mtu_pointer_and_quote_length() -> None:
    too_big, _ = icmpv6.parse(icmpv6.packet_too_big(1280).emit(b"", A, B))
    assert (too_big.is_error, too_big.mtu, too_big.pointer) == (True, 1280, None)
    assert Icmpv6(Type.PARAMETER_PROBLEM, 1, b"\0\0\0\x28").pointer == 40
    assert Icmpv6(Type.TIME_EXCEEDED, 0, b"\x10\0\0\0").quote_length == 128


def test_echo() -> None:
    header = icmpv6.echo(0x1234, 7)
    assert (header.type, header.identifier, header.sequence) == (128, 0x1234, 7)
    assert not header.is_error
    assert icmpv6.echo(1, 2, reply=True).type == Type.ECHO_REPLY


def test_a_property_is_none_in_messages_without_it() -> None:
    header = Icmpv6(200)
    assert header.name == "type 200"
    assert {header.mtu, header.identifier, header.sequence, header.pointer} == {None}
    assert {header.target, header.redirected, header.group} == {None}
    assert header.link_layer_address is None
    assert header.options == ()


def test_seven_bytes_are_too_few() -> None:
    with pytest.raises(ParseError, match="needs 8 bytes, there are 7"):
        icmpv6.parse(bytes(7))
