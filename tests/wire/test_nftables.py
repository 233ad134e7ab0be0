from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from netlab.wire import arp, icmp, icmpv6, ipv6
from netlab.wire.address import from_text
from netlab.wire.arp import Arp
from netlab.wire.ethernet import Ethernet
from netlab.wire.filter import Filter, Subject
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import Ipv6
from netlab.wire.nftables import Family, Untranslatable, matches
from netlab.wire.packet import decode
from netlab.wire.tcp import Flags, Tcp
from netlab.wire.tcp_options import MaximumSegmentSize, SackPermitted, Timestamps, WindowScale
from netlab.wire.udp import Udp

A, B = from_text("10.0.0.1"), from_text("10.0.0.2")
A6, B6 = from_text("fd00::1"), from_text("fd00::2")
OPTIONS = (MaximumSegmentSize(536), WindowScale(7), SackPermitted(), Timestamps(11, 12))


def asked(expression: str, family: Family = Family.INET) -> tuple[str, ...]:
    return matches(Filter(expression).tree, family)


def test_a_conjunction_is_one_rule() -> None:
    assert asked("icmp.type == 3 and icmp.code == 4") == (
        "meta protocol ip meta l4proto icmp @th,0,24 >= 0 icmp type == 3 icmp code == 4",
    )


def test_alternatives_are_rules_of_their_own() -> None:
    assert asked("tcp.port == 80") == (
        "meta l4proto tcp @th,0,24 >= 0 tcp sport == 80",
        "meta l4proto tcp @th,0,24 >= 0 tcp dport == 80",
    )


def test_what_contradicts_itself_needs_no_rule() -> None:
    assert asked("tcp and udp") == ()
    assert asked("ip.ttl > 255") == ()
    assert asked("ip.src == fd00::1 and ip.df") == ()


def test_arp_passes_no_hook_of_ip() -> None:
    assert asked("arp") == ()
    assert asked("arp", Family.NETDEV) == ("meta protocol arp",)


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("tcp.len > 0", "cannot subtract"),
        ("tcp.seq == 1", "tcp.seq_raw works"),
        ("src.node == c1", "ip.src works"),
        ('data contains "x"', "cannot read data"),
        ("icmp.quoted.tcp", "cannot read icmp.quoted.tcp"),
        (
            " and ".join(f"(tcp.window < {n} or tcp.window > 9{n})" for n in range(1, 8)),
            "more than 64",
        ),
    ],
)
def test_what_nftables_cannot_ask_is_said(expression: str, says: str) -> None:
    with pytest.raises(Untranslatable, match=says):
        asked(expression)


def _v4(protocol: int, payload: bytes, **header: object) -> bytes:
    return Ipv4(A, B, protocol, **header).emit(payload)  # type: ignore[arg-type] # any field


def _frame(datagram: bytes) -> bytes:
    ethertype = 0x0800 if datagram[0] >> 4 == 4 else 0x86DD
    return Ethernet(b"\xff" * 6, bytes((2, 0, 0, 0, 0, 1)), ethertype).emit(datagram)


FRAMES = [
    _frame(_v4(6, Tcp(1500, 7, 1, 0, Flags.SYN | Flags.ECE, 9, options=OPTIONS).emit(b"", A, B))),
    _frame(_v4(6, Tcp(7, 80, 5, 6, Flags.ACK, 500).emit(b"hi", A, B), dont_fragment=True, ttl=3)),
    _frame(Ipv6(A6, B6, 6, 9).emit(Tcp(7, 1500, 5, 6, Flags.ACK | Flags.PSH, 1).emit(b"", A6, B6))),
    _frame(_v4(17, Udp(53, 7).emit(b"12345678", A, B), more_fragments=True, identification=5)),
    _frame(_v4(17, b"later fragment..", fragment_offset=16, identification=5, dscp=46, ecn=1)),
    _frame(
        Ipv6(A6, B6, 17, extensions=(ipv6.fragment_header(8, 5, more=False),)).emit(b"\0\7" * 8)
    ),
    _frame(Ipv6(A6, B6, 17, traffic_class=0x2B, flow_label=7).emit(Udp(7, 53).emit(b"x", A6, B6))),
    _frame(_v4(1, icmp.fragmentation_needed(1280).emit(_v4(17, Udp(7, 9).emit(b"", A, B))))),
    _frame(_v4(1, icmp.echo(5, 8).emit(b"ping"))),
    _frame(Ipv6(B6, A6, 58).emit(icmpv6.packet_too_big(1280).emit(bytes(40), B6, A6))),
    Ethernet(b"\xff" * 6, bytes((2, 0, 0, 0, 0, 1)), arp.ETHERTYPE).emit(
        Arp(1, bytes((2, 0, 0, 0, 0, 1)), A, bytes(6), B).emit()
    ),
]

EXPRESSIONS = [
    *("ip", "ipv4", "ipv6", "tcp", "udp", "icmp", "icmpv6", "arp", "eth"),
    *("tcp.options.mss", "tcp.options.sack_perm", "icmp.mtu", "icmp.seq", "icmpv6.mtu"),
    *("ip.df", "ip.mf", "ip.df == 0", "ip.mf != 1", "ip.id == 5", "ip.id != 5", "ip.id > 4"),
    *(f"ip.frag_offset {sign} {n}" for sign in ("==", "!=", "<", ">=") for n in (0, 8, 9, 16)),
    *(f"{field} {sign} 7" for sign in ("==", "!=", "<=", ">") for field in (
        "tcp.port", "udp.dstport", "tcp.srcport", "ipv6.flow", "ip.proto", "tcp.options.wscale"
    )),
    *("ip.ttl < 10", "ip.version == 6", "ip.dscp == 46", "ip.dscp > 0", "ip.ecn == 3"),
    *("ip.len > 50", "ip.len <= 49", "ip.len == 0", "ip.len != 70000", "udp.length == 16"),
    *("ip.src == 10.0.0.1", "ip.src != 10.0.0.1", "ip.addr == fd00::1", "ip.addr != fd00::2"),
    *("tcp.flags.syn", "tcp.flags.ece", "tcp.flags.psh == 0", "tcp.flags == 0x10"),
    *("tcp.seq_raw == 5", "tcp.ack_raw != 6", "tcp.window >= 500", "tcp.options.mss < 1000"),
    *("tcp.options.timestamp == 11", "tcp.options.timestamp.echo == 12"),
    *("icmp.type == 3 and icmp.code == 4", "icmp.mtu < 1400", "icmp.ident == 5"),
    *("icmpv6.type == 2", "icmpv6.mtu == 1280", "arp.opcode == 1", "arp.dst == 10.0.0.2"),
    "tcp or ip.ttl == 64 and not udp",
    "not (tcp.flags.syn or ip.frag_offset > 0) and not arp",
    "not icmp.mtu and not icmp.gateway and icmp.code != 1",
]  # fmt: skip


@pytest.mark.lab
@pytest.mark.parametrize("family", list(Family))
def test_the_kernel_finds_the_same_packets(family: Family) -> None:
    expressions = [*EXPRESSIONS, *(f"not ({each})" for each in EXPRESSIONS)]
    done = subprocess.run(
        ["unshare", "-rn", sys.executable, Path(__file__).with_name("match_in_kernel.py")],
        input=json.dumps(
            {
                "frames": [frame.hex() for frame in FRAMES],
                "families": {family: [asked(each, family) for each in expressions]},
            }
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr
    found = json.loads(done.stdout)[family]
    packets = [Subject(decode(frame)) for frame in FRAMES]
    seen = [n for n, s in enumerate(packets) if family is Family.NETDEV or s.packet.ip is not None]
    judged = [[n for n in seen if Filter(each).matches(packets[n])] for each in expressions]
    assert dict(zip(expressions, found, strict=True)) == dict(zip(expressions, judged, strict=True))
