"""What raw sockets hand over is parsed; nothing is heard here."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netlab.agent.kernel.icmp import parse
from netlab.wire import icmp, icmpv6
from netlab.wire.address import from_text
from netlab.wire.icmp_error import IcmpError
from netlab.wire.ipv4 import Ipv4
from netlab.wire.udp import Udp

A, B = from_text("10.0.0.1"), from_text("10.0.0.2")
DATAGRAM = Ipv4(A, B, 17).emit(Udp(1500, 7).emit(b"hello", A, B))


def test_ipv4_hands_over_the_whole_datagram() -> None:
    datagram = Ipv4(B, A, icmp.PROTOCOL).emit(IcmpError(3, 6).about(DATAGRAM, B, A))

    heard = parse(4, datagram, "10.0.0.2")

    assert heard is not None
    assert (heard.kind, heard.source) == ("3/6", "10.0.0.2")
    assert heard.quoted is not None
    assert heard.quoted.udp is not None
    assert heard.quoted.udp.source_port == 1500


def test_ipv6_hands_over_the_message_and_a_scope() -> None:
    heard = parse(6, icmpv6.echo(5, 2, reply=True).emit(b"x", A * 4, B * 4), "fe80::1%eth0")

    assert heard is not None
    assert (heard.source, heard.kind, heard.data) == ("fe80::1", "129/0", b"x")
    assert heard.message.identifier == 5
    assert heard.quoted is None


def test_a_redirect_is_no_failure() -> None:
    message = IcmpError(5, 1, 0x0A000003).about(DATAGRAM, B, A)
    heard = parse(4, Ipv4(B, A, 1).emit(message), "10.0.0.2")

    assert heard is not None
    assert heard.is_redirect


@given(st.binary(max_size=80))
def test_anything_may_come(data: bytes) -> None:
    for version in (4, 6):
        heard = parse(version, data, "10.0.0.2")
        assert heard is None or heard.source == "10.0.0.2"
