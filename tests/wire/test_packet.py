from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.wire import icmp, icmpv6
from netlab.wire.address import from_text
from netlab.wire.arp import Arp
from netlab.wire.ethernet import Ethernet
from netlab.wire.icmp import Icmp
from netlab.wire.icmpv6 import Icmpv6
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import ExtensionHeader, Ipv6, fragment_header
from netlab.wire.packet import Packet, decode, decode_ip
from netlab.wire.tcp import Flags, Tcp
from netlab.wire.tcp_options import MaximumSegmentSize
from netlab.wire.udp import Udp

A4, B4, R4 = from_text("10.0.0.1"), from_text("10.0.0.2"), from_text("10.0.0.254")
A6, B6, R6 = from_text("fd00::1"), from_text("fd00::2"), from_text("fd00::fe")
V4, V6 = Ipv4(A4, B4, 6), Ipv6(A6, B6, 6)
SYN = Tcp(1500, 7, 1000, 0, Flags.SYN, 65535, options=(MaximumSegmentSize(1460),))


def frame(ip: Ipv4 | Ipv6, payload: bytes) -> bytes:
    ethertype = 0x0800 if isinstance(ip, Ipv4) else 0x86DD
    return Ethernet(bytes(6), b"\x02" + bytes(5), ethertype).emit(ip.emit(payload))


def tcp_frame(ip: Ipv4 | Ipv6, tcp: Tcp = SYN, data: bytes = b"") -> bytes:
    return frame(ip, tcp.emit(data, ip.source, ip.destination))


def udp_frame(ip: Ipv4 | Ipv6, data: bytes) -> bytes:
    ip = replace(ip, protocol=17)
    return frame(ip, Udp(1500, 7).emit(data, ip.source, ip.destination))


SAMPLES = [
    tcp_frame(V4, data=b"hello"),
    tcp_frame(V6, data=b"hello"),
    udp_frame(V4, b"hello"),
    udp_frame(V6, b"hello"),
    frame(replace(V4, protocol=1), icmp.fragmentation_needed(576).emit(V4.emit(bytes(30)))),
    frame(replace(V6, protocol=58), icmpv6.packet_too_big(1280).emit(V6.emit(bytes(40)), A6, B6)),
    frame(
        replace(V6, extensions=(ExtensionHeader(0, bytes(6)), fragment_header(0, 1, more=True))),
        bytes(30),
    ),
    Ethernet(bytes(6), bytes(6), 0x0806).emit(Arp(1, bytes(6), A4, bytes(6), B4).emit()),
]


@pytest.mark.parametrize("ip", [V4, V6], ids=["IPv4", "IPv6"])
def test_a_syn(ip: Ipv4 | Ipv6) -> None:
    packet = decode(tcp_frame(ip))
    assert (packet.ip, packet.tcp, packet.payload) == (ip, SYN, b"")
    assert packet.problems == ()
    assert packet.ethernet is not None
    assert packet.ethernet.source[0] == 2


@pytest.mark.parametrize("ip", [V4, V6], ids=["IPv4", "IPv6"])
def test_a_datagram(ip: Ipv4 | Ipv6) -> None:
    packet = decode(udp_frame(ip, b"hello"))
    assert (packet.udp, packet.payload, packet.problems) == (Udp(1500, 7), b"hello", ())


def test_the_padding_of_a_short_frame_is_no_payload() -> None:
    packet = decode(tcp_frame(V4).ljust(60, b"\0"))
    assert (packet.length, packet.payload, packet.problems) == (60, b"", ())


def test_arp() -> None:
    packet = decode(SAMPLES[-1] + bytes(18))
    assert packet.arp == Arp(1, bytes(6), A4, bytes(6), B4)
    assert packet.payload == b""


@pytest.mark.parametrize("ip", [V4, V6], ids=["IPv4", "IPv6"])
@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_a_changed_byte_is_found_by_the_checksum(ip: Ipv4 | Ipv6, protocol: str) -> None:
    good = (tcp_frame if protocol == "tcp" else udp_frame)(ip, data=b"hello")
    sent = decode(good)
    seen = decode(good[:-1] + b"\xff")
    checksum = (sent.tcp or sent.udp).checksum  # type: ignore[union-attr] # one of them is there
    (problem,) = seen.problems
    expected = checksum + ord("o") * 256 - 0xFF * 256
    expected = (expected + 0xFFFF) % 0xFFFF
    assert problem == f"{protocol} checksum is 0x{checksum:04x}, should be 0x{expected:04x}"
    assert decode(good[:-1] + b"\xff", verify=False).problems == ()


def test_a_changed_ipv4_header_is_found_too() -> None:
    good = tcp_frame(V4)
    (problem,) = decode(good[:22] + b"\x3f" + good[23:]).problems
    assert problem.startswith("ipv4 header checksum is 0x")


@pytest.mark.parametrize(("sample", "name"), [(4, "icmp"), (5, "icmpv6")])
def test_a_changed_icmp_message(sample: int, name: str) -> None:
    broken = SAMPLES[sample][:-1] + b"\x01"
    assert decode(broken).problems[0].startswith(f"{name} checksum is 0x")


def test_udp_without_a_checksum_is_legal_over_ipv4_only() -> None:
    without = Udp(1500, 7).emit(b"hello", A4, B4)
    without = without[:6] + bytes(2) + without[8:]
    assert decode(frame(replace(V4, protocol=17), without)).problems == ()
    (problem,) = decode(frame(replace(V6, protocol=17), without)).problems
    assert problem == "udp checksum is missing, which IPv6 does not allow"


def test_a_datagram_shorter_than_its_udp_length() -> None:
    short = frame(replace(V4, protocol=17), b"\x05\xdc\x00\x07\x00\x20\x00\x00hello")
    assert decode(short).problems == ("udp length is 32, there are 13 bytes",)


def test_a_datagram_longer_than_its_frame() -> None:
    cut = tcp_frame(V4, data=b"hello")[:-2]
    packet = decode(cut)
    assert packet.problems == ("ip total length is 49, there are 47 bytes",)
    assert packet.payload == b"hel"


def test_a_frame_that_the_capture_cut_short_is_not_blamed() -> None:
    whole = tcp_frame(V4, data=b"hello")
    packet = decode(whole[:-2], length=len(whole))
    assert (packet.length, packet.payload, packet.problems) == (len(whole), b"hel", ())


@pytest.mark.parametrize("ip", [V4, V6], ids=["IPv4", "IPv6"])
def test_fragments_have_a_transport_header_only_in_the_first(ip: Ipv4 | Ipv6) -> None:
    data = SYN.emit(bytes(100), ip.source, ip.destination)
    first, second = (
        decode(frame(_fragment(ip, offset, more=offset == 0), part))
        for offset, part in ((0, data[:64]), (64, data[64:]))
    )
    assert first.tcp == SYN
    assert second.tcp is None
    assert second.payload == data[64:]
    assert first.problems == second.problems == ()


def _fragment(ip: Ipv4 | Ipv6, offset: int, *, more: bool) -> Ipv4 | Ipv6:
    if isinstance(ip, Ipv4):
        return replace(ip, fragment_offset=offset, more_fragments=more)
    return replace(ip, extensions=(fragment_header(offset, 9, more=more),))


def test_an_unknown_protocol_stays_payload() -> None:
    packet = decode(frame(replace(V4, protocol=132), b"association"))
    assert (packet.payload, packet.problems) == (b"association", ())
    packet = decode(Ethernet(bytes(6), bytes(6), 0x88CC).emit(b"neighbours"))
    assert (packet.payload, packet.problems) == (b"neighbours", ())


def test_an_icmp_error_quotes_a_packet() -> None:
    quote = V4.emit(SYN.emit(b"", A4, B4))
    sent = icmp.fragmentation_needed(1280).emit(quote)
    packet = decode(frame(Ipv4(R4, A4, 1), sent))
    assert packet.icmp is not None
    assert packet.icmp.mtu == 1280
    assert packet.quoted is not None
    assert (packet.quoted.ip, packet.quoted.tcp, packet.quoted.problems) == (V4, SYN, ())
    assert packet.payload == quote


def test_a_quote_of_eight_bytes_still_tells_the_connection() -> None:
    quote = V4.emit(SYN.emit(bytes(1000), A4, B4))[:28]
    packet = decode(frame(Ipv4(R4, A4, 1), Icmp(3, 3).emit(quote)))
    assert packet.quoted is not None
    assert packet.quoted.tcp == Tcp(1500, 7, 1000)
    assert packet.problems == packet.quoted.problems == ()


def test_extensions_behind_a_quote_are_not_quoted() -> None:
    quote = V4.emit(SYN.emit(bytes(84), A4, B4))
    assert len(quote) == 128
    message = Icmp(11, 0, b"\x00\x20\x00\x00").emit(quote + b"\x20\x00 extension structure")
    packet = decode(frame(Ipv4(R4, A4, 1), message))
    assert packet.quoted is not None
    assert packet.quoted.length == 128


def test_quotes_do_not_nest_without_end() -> None:
    error = Ipv6(R6, A6, 58).emit(Icmpv6(1, 4).emit(b"", R6, A6))
    for _ in range(3):
        error = Ipv6(R6, A6, 58).emit(Icmpv6(1, 4).emit(error, R6, A6))
    packet = decode_ip(error)
    assert packet.quoted is not None
    assert packet.quoted.icmpv6 == Icmpv6(1, 4)
    assert packet.quoted.quoted is None


def test_what_was_changed_on_the_way_is_no_problem_of_a_quote() -> None:
    quote = bytearray(V4.emit(SYN.emit(b"", A4, B4)))
    quote[8] -= 1
    assert decode_ip(bytes(quote), quoted=True).problems == ()
    assert decode_ip(bytes(quote)).problems != ()


def test_malformed_options_are_named() -> None:
    segment = bytearray(tcp_frame(V4))
    segment[55] = 9
    assert "tcp option 2 has length 9 with 4 bytes left" in decode(bytes(segment)).problems


@given(st.binary(max_size=120), st.none() | st.integers(0, 200))
def test_decoding_never_raises_for_any_bytes(data: bytes, length: int | None) -> None:
    assert isinstance(decode(data, length=length), Packet)
    assert isinstance(decode_ip(data), Packet)
    assert isinstance(decode_ip(data, quoted=True), Packet)


@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.integers(0, 120), st.integers(0, 255)), max_size=6),
    st.integers(0, 120),
)
def test_decoding_never_raises_for_mutated_packets(
    sample: bytes, changes: list[tuple[int, int]], end: int
) -> None:
    mutated = bytearray(sample)
    for position, value in changes:
        mutated[position % len(mutated)] = value
    packet = decode(bytes(mutated[:end]), length=len(mutated))
    assert packet.length == len(mutated)
    assert isinstance(decode(bytes(mutated)).problems, tuple)


@pytest.mark.parametrize("sample", SAMPLES[:6] + SAMPLES[7:])
def test_the_samples_are_sound(sample: bytes) -> None:
    assert decode(sample).problems == ()
