from __future__ import annotations

from dataclasses import replace

import pytest

from netlab.analyse.model import Connection, Transit
from netlab.report import icmp
from netlab.wire.icmp import Icmp, echo
from netlab.wire.icmpv6 import Icmpv6, packet_too_big
from netlab.wire.packet import Packet


@pytest.mark.parametrize(
    ("packet", "label"),
    [
        (Packet(0, icmp=Icmp(3, 4, bytes((0, 0, 5, 120)))), "ICMP fragmentation needed, MTU 1400"),
        (Packet(0, icmp=Icmp(3, 3)), "ICMP port unreachable"),
        (Packet(0, icmp=Icmp(3, 99)), "ICMP code 99 unreachable"),
        (Packet(0, icmp=Icmp(11)), "ICMP time exceeded"),
        (Packet(0, icmpv6=packet_too_big(1280)), "ICMPv6 packet too big, MTU 1280"),
        (Packet(0, icmpv6=Icmpv6(1, 4)), "ICMPv6 port unreachable"),
        (Packet(0, icmpv6=Icmpv6(1, 0)), "ICMPv6 no route to destination"),
        (Packet(0, icmpv6=Icmpv6(1, 99)), "ICMPv6 destination unreachable, code 99"),
        (Packet(0, icmpv6=Icmpv6(3, 1)), "ICMPv6 reassembly time exceeded"),
        (Packet(0, icmp=Icmp(11, 1)), "ICMP reassembly time exceeded"),
    ],
)
def test_errors_have_the_names_of_their_rfcs(packet: Packet, label: str) -> None:
    assert icmp.label(packet) == label


def test_an_error_goes_to_the_end_it_is_addressed_to(
    observed: Connection, too_big: Transit
) -> None:
    error = icmp.error(too_big, observed)
    assert error.to_client
    assert error.reporter == "r1"
    assert not error.lost


def test_a_reporter_that_was_not_captured_is_known_by_its_address(too_big: Transit) -> None:
    assert icmp.reporter(replace(too_big, sent=None)) == "10.0.0.9"


def test_an_echo_is_no_error() -> None:
    assert not icmp.is_error(Packet(0, icmp=echo(1, 1)))
    assert not icmp.is_error(Packet(0))
    assert icmp.is_error(Packet(0, icmp=Icmp(3, 4)))
