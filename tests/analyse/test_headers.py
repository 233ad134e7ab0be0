from __future__ import annotations

from netlab.analyse.headers import identity
from netlab.wire.ipv4 import Ipv4
from netlab.wire.packet import Packet
from netlab.wire.tcp import Flags, Tcp
from netlab.wire.tcp_options import MaximumSegmentSize, Option, WindowScale


def syn(*options: Option, flags: Flags = Flags.SYN) -> Packet:
    return Packet(60, ip=Ipv4(bytes(4), bytes(4), 6), tcp=Tcp(1, 2, flags=flags, options=options))


def test_a_syn_whose_mss_a_router_lowers_is_the_same_packet() -> None:
    assert identity(syn(MaximumSegmentSize(1460), WindowScale(7))) == identity(
        syn(MaximumSegmentSize(1360), WindowScale(7))
    )


def test_a_syn_with_another_option_is_another_packet() -> None:
    assert identity(syn(WindowScale(7))) != identity(syn(WindowScale(8)))
