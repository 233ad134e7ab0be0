from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.wire import icmp
from netlab.wire.checksum import is_valid, raw_sum
from netlab.wire.errors import ParseError
from netlab.wire.icmp import Icmp, Type, Unreachable

byte = st.integers(0, 255)


@given(
    st.builds(Icmp, byte, byte, st.binary(min_size=4, max_size=4)),
    st.binary(min_size=1, max_size=30),
)
def test_round_trip(header: Icmp, payload: bytes) -> None:
    message = header.emit(payload)
    assert icmp.parse(message) == (header, 8)
    assert message[8:] == payload
    assert is_valid(raw_sum(message)) or not any(message[:2] + message[4:])


def test_echo() -> None:
    header, _ = icmp.parse(icmp.echo(0x1234, 7).emit(b"abcdefgh"))
    assert (header.name, header.identifier, header.sequence) == ("echo", 0x1234, 7)
    assert not header.is_error
    assert icmp.echo(1, 2, reply=True).type == Type.ECHO_REPLY


def test_fragmentation_needed_tells_the_next_hop_mtu() -> None:
    header = icmp.fragmentation_needed(1280)
    assert header.is_error
    assert (header.type, header.code, header.mtu) == (3, 4, 1280)
    assert header.name == "destination unreachable"


def test_a_property_is_none_in_messages_without_it() -> None:
    port_unreachable = Icmp(Type.DESTINATION_UNREACHABLE, Unreachable.PORT)
    assert port_unreachable.mtu is None
    assert port_unreachable.identifier is None
    assert port_unreachable.sequence is None
    assert port_unreachable.pointer is None
    assert port_unreachable.gateway is None
    assert port_unreachable.quote_length is None
    assert Icmp(77).name == "type 77"


def test_pointer_gateway_and_quote_length() -> None:
    assert Icmp(Type.PARAMETER_PROBLEM, 0, b"\x14\x00\x00\x00").pointer == 20
    assert Icmp(Type.REDIRECT, 1, b"\x0a\x00\x00\x01").gateway == b"\x0a\x00\x00\x01"
    assert Icmp(Type.TIME_EXCEEDED, 0, b"\x00\x20\x00\x00").quote_length == 128


def test_seven_bytes_are_too_few() -> None:
    with pytest.raises(ParseError, match="needs 8 bytes, there are 7"):
        icmp.parse(bytes(20), 0, 7)
