from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.wire import arp
from netlab.wire.arp import Arp, Operation
from netlab.wire.errors import ParseError

mac = st.binary(min_size=6, max_size=6)
ip = st.binary(min_size=4, max_size=4)


@given(st.builds(Arp, st.integers(0, 0xFFFF), mac, ip, mac, ip))
def test_round_trip(packet: Arp) -> None:
    assert arp.parse(packet.emit()) == (packet, 28)


def test_who_has() -> None:
    request = bytes.fromhex("0001080006040001 020000000001 0a000001 000000000000 0a000002")
    packet, _ = arp.parse(request)
    assert packet.operation == Operation.REQUEST
    assert packet.target_protocol_address == bytes((10, 0, 0, 2))


def test_other_hardware_is_refused() -> None:
    request = Arp(1, bytes(6), bytes(4), bytes(6), bytes(4)).emit()
    with pytest.raises(ParseError, match="not about IPv4 over Ethernet"):
        arp.parse(b"\x00\x20" + request[2:])


def test_a_short_packet_is_refused() -> None:
    with pytest.raises(ParseError, match="needs 28 bytes, there are 27"):
        arp.parse(bytes(27))
