from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.fabric.emulator.upkeep import is_upkeep
from netlab.testing.frames import ADDRESSES, arp_request, frame, neighbour_solicitation, tcp, udp
from netlab.wire import icmpv6
from netlab.wire.ethernet import Ethernet
from netlab.wire.icmp import echo
from netlab.wire.icmpv6 import Icmpv6
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import ExtensionHeader, ExtensionType, Ipv6
from netlab.wire.tcp import Flags


def igmp() -> bytes:
    source, destination = ADDRESSES[4]
    return Ethernet(bytes(6), bytes(6), 0x0800).emit(Ipv4(source, destination, 2).emit(bytes(8)))


def multicast_listener_report(padding: int = 0) -> bytes:
    """With a router alert in front (RFC 2711)."""
    source, destination = ADDRESSES[6]
    alert = ExtensionHeader(ExtensionType.HOP_BY_HOP, b"\5\2\0\0\0\0" + bytes(padding))
    report = Icmpv6(icmpv6.Type.MULTICAST_LISTENER_REPORT_V2).emit(b"", source, destination)
    datagram = Ipv6(source, destination, icmpv6.PROTOCOL, extensions=(alert,)).emit(report)
    return Ethernet(bytes(6), bytes(6), 0x86DD).emit(datagram)


@pytest.mark.parametrize(
    "upkeep",
    [
        arp_request(),
        neighbour_solicitation(),
        igmp(),
        multicast_listener_report(),
        multicast_listener_report(padding=8),
    ],
)
def test_what_keeps_a_link_working(upkeep: bytes):
    assert is_upkeep(upkeep)


@pytest.mark.parametrize(
    "use",
    [
        udp(1),
        udp(1, version=6),
        tcp(Flags.SYN),
        frame(echo(1, 1), b""),
        frame(Icmpv6(icmpv6.Type.ECHO_REQUEST), bytes(4), version=6),
        frame(Icmpv6(icmpv6.Type.PACKET_TOO_BIG), bytes(48), version=6),
    ],
)
def test_what_uses_it(use: bytes):
    assert not is_upkeep(use)


@given(st.binary(max_size=100), st.sampled_from([b"\x08\x00", b"\x86\xdd", b"\x08\x06"]))
def test_no_bytes_are_too_strange(noise: bytes, kind: bytes):
    assert is_upkeep(noise) in {True, False}
    assert is_upkeep(bytes(12) + kind + noise) in {True, False}
