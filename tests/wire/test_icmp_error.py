from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.wire import icmp, icmpv6
from netlab.wire.address import from_text
from netlab.wire.icmp_error import IcmpError, may_be_about
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import Ipv6, fragment_header
from netlab.wire.packet import decode_ip
from netlab.wire.udp import Udp

A, B, R = map(from_text, ("10.0.0.1", "10.0.1.2", "10.0.0.254"))
A6, B6, R6 = map(from_text, ("fd00::1", "fd00:1::2", "fd00::fe"))
DATAGRAM = Ipv4(A, B, 17).emit(Udp(1500, 7).emit(bytes(1000), A, B))
DATAGRAM6 = Ipv6(A6, B6, 17).emit(Udp(1500, 7).emit(bytes(1400), A6, B6))


@given(st.integers(0, 255), st.integers(0, 255))
def test_any_type_and_code_quotes_the_datagram(kind: int, code: int) -> None:
    message = IcmpError(kind, code).about(DATAGRAM, R, A)

    packet = decode_ip(Ipv4(R, A, icmp.PROTOCOL).emit(message))

    assert packet.icmp is not None
    assert (packet.icmp.type, packet.icmp.code) == (kind, code)
    assert not packet.problems
    if packet.icmp.is_error:
        assert packet.quoted is not None
        assert packet.quoted.udp is not None
        assert packet.quoted.udp.source_port == 1500


def test_an_error_fits_what_every_host_takes() -> None:
    assert len(Ipv4(R, A, 1).emit(IcmpError(3, 3).about(DATAGRAM, R, A))) == 576
    assert len(Ipv6(R6, A6, 58).emit(IcmpError(1, 4).about(DATAGRAM6, R6, A6))) == 1280


def test_the_parameter_stands_where_its_type_has_it() -> None:
    def parsed(error: IcmpError) -> icmp.Icmp:
        return icmp.parse(error.about(DATAGRAM, R, A))[0]

    assert parsed(IcmpError(3, 4, 1400)).mtu == 1400
    assert parsed(IcmpError(12, 0, 20)).pointer == 20
    assert parsed(IcmpError(5, 1, int.from_bytes(R, "big"))).gateway == R
    assert icmpv6.parse(IcmpError(2, 0, 1300).about(DATAGRAM6, R6, A6))[0].mtu == 1300


@pytest.mark.parametrize(
    "datagram",
    [
        Ipv4(A, B, 1).emit(IcmpError(3, 3).about(DATAGRAM, A, B)),  # an error
        Ipv4(A, B, 17, fragment_offset=8).emit(bytes(8)),  # a later fragment
        Ipv4(A, from_text("239.1.2.3"), 17).emit(Udp(1, 2).emit(b"", A, B)),
        Ipv4(bytes(4), B, 17).emit(Udp(1, 2).emit(b"", A, B)),
        Ipv6(A6, from_text("ff02::1"), 17).emit(Udp(1, 2).emit(b"", A6, B6)),
        Ipv6(A6, B6, 58).emit(IcmpError(1, 4).about(DATAGRAM6, A6, B6)),
    ],
)
def test_what_no_error_may_answer(datagram: bytes) -> None:
    assert not may_be_about(decode_ip(datagram))


def test_what_an_error_may_answer() -> None:
    assert may_be_about(decode_ip(DATAGRAM))
    assert may_be_about(decode_ip(DATAGRAM6))
    later = Ipv6(A6, B6, 17, extensions=(fragment_header(8, 7, more=False),))
    assert may_be_about(decode_ip(later.emit(bytes(8))))  # RFC 4443 leaves no fragment out
    assert may_be_about(decode_ip(Ipv4(A, B, 1).emit(icmp.echo(1, 1).emit())))
