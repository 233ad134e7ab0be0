"""What scapy builds, netlab decodes; what netlab emits, scapy reads the same."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.wire import icmp, icmpv6
from netlab.wire.address import from_text, to_text
from netlab.wire.ethernet import Ethernet
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import ExtensionType, Ipv6
from netlab.wire.packet import decode
from netlab.wire.tcp import FLAGS, Flags, Tcp
from netlab.wire.tcp_options import (
    MaximumSegmentSize,
    NoOperation,
    Sack,
    SackPermitted,
    Timestamps,
    WindowScale,
)
from netlab.wire.udp import Udp

A4, B4 = "10.0.0.1", "10.0.0.2"
A6, B6 = "fd00::1", "fd00::2"
MAC = "02:00:00:00:00:01"


@pytest.fixture(scope="module")
def scapy() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scapy uses what cryptography deprecates
        return pytest.importorskip("scapy.all")


def built(scapy: Any, packet: Any) -> bytes:
    return bytes(scapy.Ether(src=MAC, dst=MAC) / packet)


def test_a_syn_with_every_option(scapy: Any) -> None:
    options = [("MSS", 1460), ("SAckOK", b""), ("Timestamp", (5, 6)), ("NOP", None), ("WScale", 7)]
    tcp = scapy.TCP(sport=1500, dport=7, seq=9, flags="S", window=100, options=options)
    packet = decode(built(scapy, scapy.IP(src=A4, dst=B4, tos=0xBB, flags="DF", id=7) / tcp))
    assert packet.problems == ()
    assert packet.ip == Ipv4(
        from_text(A4), from_text(B4), 6, identification=7, dont_fragment=True, dscp=46, ecn=3
    )
    assert packet.tcp == Tcp(
        1500,
        7,
        9,
        flags=Flags.SYN,
        window=100,
        options=(
            MaximumSegmentSize(1460),
            SackPermitted(),
            Timestamps(5, 6),
            NoOperation(),
            WindowScale(7),
        ),
    )


def test_sack_blocks(scapy: Any) -> None:
    options = [("NOP", None), ("NOP", None), ("SAck", (10, 20, 30, 40))]
    packet = decode(built(scapy, scapy.IP(src=A4, dst=B4) / scapy.TCP(options=options)))
    assert packet.tcp is not None
    assert packet.tcp.option(Sack) == Sack(((10, 20), (30, 40)))


def test_ipv6_with_extension_headers(scapy: Any) -> None:
    ip = scapy.IPv6(src=A6, dst=B6, tc=3, fl=0x12345, hlim=9)
    chain = scapy.IPv6ExtHdrHopByHop() / scapy.IPv6ExtHdrRouting() / scapy.IPv6ExtHdrDestOpt()
    packet = decode(built(scapy, ip / chain / scapy.UDP(sport=1, dport=2) / b"hello"))
    assert packet.problems == ()
    assert isinstance(packet.ip, Ipv6)
    assert [e.type for e in packet.ip.extensions] == [
        ExtensionType.HOP_BY_HOP,
        ExtensionType.ROUTING,
        ExtensionType.DESTINATION_OPTIONS,
    ]
    assert (packet.ip.traffic_class, packet.ip.flow_label, packet.ip.hop_limit) == (3, 0x12345, 9)
    assert (packet.udp, packet.payload) == (Udp(1, 2), b"hello")


def test_fragments_of_both_versions(scapy: Any) -> None:
    whole = scapy.IP(src=A4, dst=B4, id=5) / scapy.UDP(sport=1, dport=2) / bytes(3000)
    pieces = [decode(built(scapy, piece)) for piece in scapy.fragment(whole, 1480)]
    assert [p.ip.fragment_offset for p in pieces if p.ip] == [0, 1480, 2960]
    assert [p.ip.more_fragments for p in pieces if p.ip] == [True, True, False]
    assert [p.udp is not None for p in pieces] == [True, False, False]
    ip6 = scapy.IPv6(src=A6, dst=B6) / scapy.IPv6ExtHdrFragment(id=77, offset=185, m=1)
    six = decode(built(scapy, ip6 / bytes(16)))
    assert isinstance(six.ip, Ipv6)
    assert (six.ip.fragment_offset, six.ip.more_fragments, six.ip.identification) == (
        1480,
        True,
        77,
    )


def test_icmp_errors(scapy: Any) -> None:
    quote = scapy.IP(src=A4, dst=B4) / scapy.TCP(sport=1500, dport=7, seq=1000)
    error = scapy.IP(src=B4, dst=A4) / scapy.ICMP(type=3, code=4, nexthopmtu=1280) / quote
    packet = decode(built(scapy, error))
    assert packet.problems == ()
    assert packet.icmp == icmp.fragmentation_needed(1280)
    assert packet.quoted is not None
    assert packet.quoted.tcp is not None
    assert packet.quoted.tcp.sequence == 1000
    quote6 = scapy.IPv6(src=A6, dst=B6) / scapy.UDP(sport=1, dport=2)
    error6 = scapy.IPv6(src=B6, dst=A6) / scapy.ICMPv6PacketTooBig(mtu=1280) / quote6
    packet = decode(built(scapy, error6))
    assert packet.problems == ()
    assert packet.icmpv6 == icmpv6.packet_too_big(1280)
    assert packet.quoted is not None
    assert packet.quoted.udp == Udp(1, 2)


def test_neighbour_discovery(scapy: Any) -> None:
    ask = scapy.ICMPv6ND_NS(tgt=B6) / scapy.ICMPv6NDOptSrcLLAddr(lladdr=MAC)
    packet = decode(built(scapy, scapy.IPv6(src=A6, dst="ff02::1:ff00:2") / ask))
    assert packet.problems == ()
    assert packet.icmpv6 is not None
    assert packet.icmpv6.target == from_text(B6)
    assert packet.icmpv6.link_layer_address == from_text(MAC)
    advertise = scapy.ICMPv6ND_RA() / scapy.ICMPv6NDOptMTU(mtu=1400)
    packet = decode(built(scapy, scapy.IPv6(src=A6, dst="ff02::1") / advertise))
    assert packet.icmpv6 is not None
    assert [o.type for o in packet.icmpv6.options] == [icmpv6.NdOptionType.MTU]


def test_arp(scapy: Any) -> None:
    packet = decode(built(scapy, scapy.ARP(op=2, hwsrc=MAC, psrc=A4, hwdst=MAC, pdst=B4)))
    assert packet.arp is not None
    assert packet.arp.operation == 2
    assert packet.arp.sender_hardware_address == from_text(MAC)
    assert packet.arp.target_protocol_address == from_text(B4)


u16, u32 = st.integers(0, 0xFFFF), st.integers(0, 2**32 - 1)


headers = st.builds(Tcp, u16, u16, u32, u32, st.sampled_from(FLAGS), u16)


@given(headers, u32, u32, st.binary(max_size=50))
def test_scapy_reads_our_segments(
    scapy: Any, bare: Tcp, value: int, echo: int, data: bytes
) -> None:
    header = replace(bare, options=(Timestamps(value, echo),))
    a, b = from_text(A4), from_text(B4)
    frame = Ethernet(bytes(6), bytes(6), 0x0800).emit(Ipv4(a, b, 6).emit(header.emit(data, a, b)))
    seen = scapy.Ether(frame)
    tcp = seen[scapy.TCP]
    assert (tcp.sport, tcp.dport) == (header.source_port, header.destination_port)
    assert (tcp.seq, tcp.ack) == (header.sequence, header.acknowledgment)
    assert (int(tcp.flags), tcp.window) == (int(header.flags), header.window)
    assert bytes(tcp.payload) == data
    assert tcp.options[0] == ("Timestamp", (value, echo))
    assert (seen[scapy.IP].src, seen[scapy.IP].dst) == (to_text(a), to_text(b))
    del tcp.chksum, seen[scapy.IP].chksum
    assert bytes(seen) == frame
