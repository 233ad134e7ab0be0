from __future__ import annotations

from netlab.analyse.model import Transit
from netlab.report.headers import Header, headers
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import ExtensionHeader, ExtensionType, Ipv6
from netlab.wire.packet import Packet
from netlab.wire.tcp import Flags, Tcp
from netlab.wire.tcp_options import MaximumSegmentSize, Sack, SackPermitted
from netlab.wire.udp import Udp


def told(header: Header) -> dict[str, int | str]:
    return dict(zip(header.kind.fields, header.values, strict=True))


def test_headers_come_outermost_first_and_quoted_ones_last(too_big: Transit) -> None:
    names = [header.kind.name for header in headers(too_big.first.packet)]
    assert names == ["Ethernet", "IPv4", "ICMP", "quoted IPv4", "quoted TCP"]


def test_addresses_are_written_as_addresses(too_big: Transit) -> None:
    ethernet, ip, *_ = map(told, headers(too_big.first.packet))
    assert ethernet["destination"] == "02:00:00:00:00:01"
    assert (ip["source"], ip["destination"]) == ("10.0.0.9", "10.0.0.2")
    (six,) = headers(Packet(0, ip=Ipv6(bytes(15) + b"\x01", bytes(16), 17)))
    assert told(six)["source"] == "::1"


def test_checksums_are_hexadecimal_and_truths_are_words(too_big: Transit) -> None:
    ethernet, ip, *_ = map(told, headers(too_big.first.packet))
    assert ethernet["ethertype"] == "0x0800"
    assert str(ip["checksum"]).startswith("0x")
    assert ip["dont_fragment"] == "no"


def test_flags_and_options_are_named() -> None:
    options = MaximumSegmentSize(536), SackPermitted(), Sack(((1, 2),))
    (header,) = headers(Packet(0, tcp=Tcp(1, 2, flags=Flags.SYN | Flags.ACK, options=options)))
    assert told(header)["flags"] == "SYN ACK"
    assert told(header)["options"] == "maximum segment size 536, sack permitted, sack 1, 2"


def test_options_and_extension_headers_of_ip_are_named() -> None:
    (four,) = headers(Packet(0, ip=Ipv4(bytes(4), bytes(4), 17, options=b"\x94\x04\x00\x00")))
    assert told(four)["options"] == "router alert 00 00"
    assert (told(four)["version"], told(four)["header_length"]) == (4, 24)
    jump = ExtensionHeader(ExtensionType.HOP_BY_HOP, bytes(6))
    (six,) = headers(Packet(0, ip=Ipv6(bytes(16), bytes(16), 17, extensions=(jump,))))
    assert told(six)["extensions"] == "hop by hop 00 00 00 00 00 00"
    assert told(six)["next_header"] == "hop by hop"


def test_no_flag_is_none() -> None:
    (header,) = headers(Packet(0, tcp=Tcp(1, 2)))
    assert told(header)["flags"] == "none"


def test_numbers_stay_numbers() -> None:
    (header,) = headers(Packet(0, udp=Udp(1024, 53)))
    assert told(header)["source_port"] == 1024
