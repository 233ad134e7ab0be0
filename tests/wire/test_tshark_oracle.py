"""Wireshark reads the captures that netlab writes, and sees what netlab sees."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from netlab.wire import icmp, icmpv6, pcapng
from netlab.wire.address import from_text, to_text
from netlab.wire.arp import Arp
from netlab.wire.ethernet import Ethernet
from netlab.wire.fields import Subject
from netlab.wire.filter import Filter
from netlab.wire.icmpv6 import Icmpv6, NdOption
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import ExtensionHeader, Ipv6, fragment_header
from netlab.wire.packet import decode
from netlab.wire.tcp import Flags, Tcp
from netlab.wire.tcp_options import (
    MaximumSegmentSize,
    NoOperation,
    Sack,
    SackPermitted,
    Timestamps,
    WindowScale,
)
from netlab.wire.udp import Udp

T = 1_700_000_000_123_456_789
A4, B4 = from_text("10.0.0.1"), from_text("10.0.0.2")
A6, B6 = from_text("fd00::1"), from_text("fd00::2")
MAC = from_text("02:00:00:00:00:01")
SYN_OPTIONS = (
    MaximumSegmentSize(1460),
    SackPermitted(),
    Timestamps(5, 0),
    NoOperation(),
    WindowScale(7),
)
SACK_OPTIONS = (NoOperation(), NoOperation(), Sack(((10, 20), (30, 40))))
SYN = Tcp(1500, 7, 1000, 0, Flags.SYN, 65535, options=SYN_OPTIONS)
CHECKED = [f"{p}.check_checksum:TRUE" for p in ("ip", "tcp", "udp")]

Tshark = Callable[..., list[list[str]]]


def v4(protocol: int, message: bytes, **fields: int | bool) -> bytes:
    ip = Ipv4(A4, B4, protocol, **fields)  # type: ignore[arg-type] # any field
    return Ethernet(MAC, MAC, 0x0800).emit(ip.emit(message))


def v6(protocol: int, message: bytes, *extensions: ExtensionHeader, hop_limit: int = 64) -> bytes:
    ip = Ipv6(A6, B6, protocol, hop_limit=hop_limit, extensions=extensions)
    return Ethernet(MAC, MAC, 0x86DD).emit(ip.emit(message))


PADN = ExtensionHeader(60, b"\x01\x04\0\0\0\0")
FRAMES = [
    Ethernet(b"\xff" * 6, MAC, 0x0806).emit(Arp(1, MAC, A4, bytes(6), B4).emit()),
    v4(6, SYN.emit(b"", A4, B4), dont_fragment=True, identification=3),
    v4(6, Tcp(7, 1500, 5, 1001, Flags.ACK, 9, options=SACK_OPTIONS).emit(b"", B4, A4), ttl=3),
    v4(17, Udp(5000, 6000).emit(b"hello", A4, B4), dscp=46, ecn=1),
    v4(1, icmp.echo(77, 3).emit(b"ping")),
    v4(1, icmp.fragmentation_needed(1280).emit(Ipv4(B4, A4, 6).emit(SYN.emit(b"", B4, A4)))),
    v4(17, bytes(64), more_fragments=True, fragment_offset=1480, identification=9),
    v6(6, SYN.emit(b"abc", A6, B6)),
    v6(17, Udp(5000, 6000).emit(b"hello", A6, B6), PADN),
    v6(58, icmpv6.echo(78, 4).emit(b"ping", A6, B6)),
    v6(58, icmpv6.packet_too_big(1280).emit(Ipv6(B6, A6, 6).emit(SYN.emit(b"", B6, A6)), A6, B6)),
    v6(58, Icmpv6(135, 0, bytes(4), B6 + NdOption(1, MAC).emit()).emit(b"", A6, B6), hop_limit=255),
    v6(17, bytes(64), fragment_header(1480, 9, more=True)),
]


@pytest.fixture(scope="module")
def tshark(tmp_path_factory: pytest.TempPathFactory) -> Tshark:
    if shutil.which("tshark") is None:
        pytest.skip("there is no tshark here")
    path = tmp_path_factory.mktemp("capture") / "lab.pcapng"
    path.write_bytes(capture())

    def fields(*names: str, display_filter: str = "") -> list[list[str]]:
        return run(path, names, display_filter)

    return fields


def capture() -> bytes:
    blocks = [
        pcapng.section_header(hardware="x86_64", os="Linux", application="netlab"),
        pcapng.interface_description("c1:eth0", description="c1 -- r1"),
        pcapng.interface_description("r1:eth0"),
    ]
    for number, frame in enumerate(FRAMES):
        comment = "the first" if number == 0 else ""
        blocks.append(
            pcapng.enhanced_packet(
                number % 2, T + number, frame, len(frame), outbound=number % 2 == 0, comment=comment
            )
        )
    blocks.append(pcapng.interface_statistics(0, T + 100, received=7, dropped=1))
    return b"".join(blocks)


def run(path: Path, names: tuple[str, ...], display_filter: str) -> list[list[str]]:
    preferences = [word for preference in CHECKED for word in ("-o", preference)]
    wanted = [word for name in names for word in ("-e", name)]
    command = ["tshark", "-n", "-r", str(path), *preferences, "-Y", display_filter, "-T", "fields"]
    done = subprocess.run(
        [*command, "-E", "occurrence=f", *wanted], capture_output=True, check=True
    )
    return [line.split("\t") for line in done.stdout.decode().splitlines()]


def test_wireshark_finds_nothing_malformed_and_no_wrong_checksum(tshark: Tshark) -> None:
    wrong = "_ws.malformed or ip.checksum.status == 0 or tcp.checksum.status == 0"
    wrong += " or udp.checksum.status == 0 or icmp.checksum.status == 0"
    wrong += " or icmpv6.checksum.status == 0 or _ws.expert.severity == error"
    assert tshark("frame.number", display_filter=wrong) == []


def test_checksums_are_found_good_not_left_unchecked(tshark: Tshark) -> None:
    good = "tcp.checksum.status == 1 or udp.checksum.status == 1"
    assert len(tshark("frame.number", display_filter=good)) >= 5


def test_interfaces_times_directions_and_comments(tshark: Tshark) -> None:
    names = ("frame.interface_name", "frame.time_epoch", "frame.packet_flags_direction")
    rows = tshark(*names, "frame.comment", "frame.len")
    assert len(rows) == len(FRAMES)
    for number, (interface, time, direction, comment, length) in enumerate(rows):
        assert interface == ("c1:eth0", "r1:eth0")[number % 2]
        assert time == f"1700000000.{123456789 + number}"
        assert int(direction, 0) == (2, 1)[number % 2]
        assert comment == ("the first" if number == 0 else "")
        assert int(length) == len(FRAMES[number])


#: Our name of a field, and Wireshark's.
SAME = {
    "eth.type": "eth.type",
    "arp.opcode": "arp.opcode",
    "tcp.srcport": "tcp.srcport",
    "tcp.dstport": "tcp.dstport",
    "tcp.seq_raw": "tcp.seq_raw",
    "tcp.ack_raw": "tcp.ack_raw",
    "tcp.len": "tcp.len",
    "tcp.window": "tcp.window_size_value",
    "tcp.options.mss": "tcp.options.mss_val",
    "tcp.options.wscale": "tcp.options.wscale.shift",
    "tcp.options.timestamp": "tcp.options.timestamp.tsval",
    "udp.srcport": "udp.srcport",
    "udp.dstport": "udp.dstport",
    "udp.length": "udp.length",
    "icmp.type": "icmp.type",
    "icmp.code": "icmp.code",
    "icmp.mtu": "icmp.mtu",
    "icmp.seq": "icmp.seq",
    "icmpv6.type": "icmpv6.type",
    "icmpv6.mtu": "icmpv6.mtu",
    "icmpv6.seq": "icmpv6.echo.sequence_number",
}
#: These headers Wireshark shows of the quoted packet too.
NOT_IN_QUOTES = frozenset({"tcp", "udp"})


def test_every_field_is_what_wireshark_reads(tshark: Tshark) -> None:
    rows = tshark(*SAME.values())
    for frame, row in zip(FRAMES, rows, strict=True):
        packet = decode(frame)
        for name, shown in zip(SAME, row, strict=True):
            if packet.quoted and name.partition(".")[0] in NOT_IN_QUOTES:
                continue
            if shown:
                assert Filter(f"{name} == {int(shown, 0)}").matches(Subject(packet)), name
            else:
                assert not Filter(name).matches(Subject(packet)), name


def test_the_ip_headers_are_what_wireshark_reads(tshark: Tshark) -> None:
    names = ("ip.src", "ipv6.src", "ip.ttl", "ipv6.hlim", "ip.flags.df", "ip.frag_offset")
    for frame, row in zip(FRAMES, tshark(*names, "ipv6.fraghdr.offset"), strict=True):
        source, source6, ttl, hop_limit, dont_fragment, offset, offset6 = row
        ip = decode(frame).ip
        assert (to_text(ip.source) if ip else "") == source + source6
        if isinstance(ip, Ipv4):
            assert (ip.ttl, ip.dont_fragment) == (int(ttl), dont_fragment in {"1", "True"})
            assert ip.fragment_offset in {int(offset), int(offset) * 8}
        elif ip is not None:
            assert ip.hop_limit == int(hop_limit)
            assert ip.fragment_offset in {int(offset6 or 0), int(offset6 or 0) * 8}
