from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.wire import icmp
from netlab.wire.address import from_text
from netlab.wire.fields import FIELDS
from netlab.wire.filter import Filter, FilterError, Subject
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import Ipv6
from netlab.wire.packet import decode_ip
from netlab.wire.tcp import Flags, Tcp
from netlab.wire.tcp_options import MaximumSegmentSize, SackPermitted, Timestamps, WindowScale
from netlab.wire.udp import Udp

A, B = from_text("10.0.0.1"), from_text("10.0.0.2")
A6, B6 = from_text("fd00::1"), from_text("fd00::2")
OPTIONS = (MaximumSegmentSize(536), WindowScale(7), SackPermitted(), Timestamps(11, 12))
SYN = Tcp(1500, 7, 1000, 0, Flags.SYN, 65535, options=OPTIONS)
DATA = Tcp(7, 1500, 5001, 1001, Flags.ACK | Flags.PSH, 500)


def subject(datagram: bytes, **known: object) -> Subject:
    return Subject(decode_ip(datagram), **known)  # type: ignore[arg-type] # any field


syn = subject(
    Ipv4(A, B, 6, dont_fragment=True).emit(SYN.emit(b"", A, B)),
    source_node="c1",
    destination_node="server",
    sequence=0,
)
data = subject(Ipv6(A6, B6, 6, hop_limit=9).emit(DATA.emit(b'say "hello"', A6, B6)))
datagram = subject(Ipv4(A, B, 17).emit(Udp(68, 67).emit(b"hi", A, B)))
too_long = subject(
    Ipv4(from_text("10.0.0.254"), A, 1).emit(
        icmp.fragmentation_needed(1280).emit(Ipv4(A, B, 6).emit(SYN.emit(b"", A, B)))
    ),
    source_node="r1",
)


@pytest.mark.parametrize(
    ("expression", "packet"),
    [
        ("tcp", syn),
        ("tcp.flags.syn and not tcp.flags.ack", syn),
        ("tcp.flags.syn && !tcp.flags.ack", syn),
        ("tcp.flags.syn == 1 and tcp.flags.ack == false", syn),
        ("tcp.flags == 0x02", syn),
        ("ip.len == 60", syn),
        ("ip.df and not ip.mf and ip.frag_offset == 0", syn),
        ("tcp.options.mss == 536", syn),
        ("tcp.options.wscale == 7 and tcp.options.sack_perm", syn),
        ("tcp.options.timestamp == 11 and tcp.options.timestamp.echo == 12", syn),
        ("tcp.seq == 0 and tcp.seq_raw == 1000", syn),
        ("tcp.ack == 0 and tcp.ack_raw == 0", syn),
        ("tcp.port == 7 and tcp.port == 1500", syn),
        ("tcp.port != 80", syn),
        ('src.node == c1 and dst.node == "server"', syn),
        ("src.node contains c", syn),
        ("ip.src == 10.0.0.1 and ip.addr == 10.0.0.2", syn),
        ("tcp.len == 0 and tcp.window >= 0xffff", syn),
        ("tcp.seq == 5001 and tcp.ack == 1001", data),
        ("tcp.len > 0 and tcp.len<=11", data),
        ("ip.ttl == 9 and ip.version == 6 and ipv6 and not ipv4", data),
        ("ip.dst == fd00::2", data),
        ('data contains "say \\"hello\\""', data),
        ("data contains hello", data),
        ("udp.dstport == 67 and udp.length == 10 and udp.port != 7", datagram),
        ("icmp.type == 3 and icmp.code == 4 and icmp.mtu == 1280", too_long),
        ("icmp.quoted.tcp.dstport == 7 and icmp.quoted.ip.src == 10.0.0.1", too_long),
        ("tcp or icmp", too_long),
        ("tcp and udp or icmp", too_long),
        ("icmp or udp and tcp", too_long),
        ("not (tcp or udp)", too_long),
        ("not not icmp", too_long),
    ],
)
def test_true(expression: str, packet: Subject) -> None:
    assert Filter(expression).matches(packet)


@pytest.mark.parametrize(
    ("expression", "packet"),
    [
        ("udp", syn),
        ("tcp.flags.fin", syn),
        ("tcp.port != 7", syn),
        ("tcp.port != 1500", syn),
        ("tcp.seq == 1000", syn),
        ("ip.src != 10.0.0.1", syn),
        ("ip.src == fd00::1", syn),
        ("src.node == c", syn),
        ("tcp.window < 65535", syn),
        ("ip.df", data),
        ("tcp.options.mss", data),
        ("src.node", data),
        ("data contains goodbye", data),
        ("icmpv6.quoted.tcp", too_long),
        ("icmp.quoted.udp", too_long),
        ("icmp.quoted.tcp", syn),
        ("(tcp or icmp) and udp", too_long),
    ],
)
def test_false(expression: str, packet: Subject) -> None:
    assert not Filter(expression).matches(packet)


@pytest.mark.parametrize("sign", ["==", "!=", "<", "<=", ">", ">="])
def test_a_field_that_the_packet_lacks_is_false_in_every_comparison(sign: str) -> None:
    assert not Filter(f"tcp.seq {sign} 1").matches(datagram)
    assert Filter(f"not tcp.seq {sign} 1").matches(datagram)


@pytest.mark.parametrize(
    ("expression", "column", "sentence"),
    [
        ("tcp.flag.syn", 1, "there is no field 'tcp.flag.syn' (did you mean tcp.flags.syn?)"),
        ("tcp and quux", 9, "there is no field 'quux'"),
        ("tcp.seq = 1", 9, "'=' is not part of an expression (a comparison is ==)"),
        ("tcp @", 5, "'@' is not part of an expression"),
        ("(tcp", 5, "expected ')' before the end"),
        ("tcp and", 8, "expected a field, not the end"),
        ("tcp.seq ==", 11, "expected a value to compare tcp.seq with, not the end"),
        ("tcp.seq == ==", 12, "expected a value to compare tcp.seq with, not '=='"),
        ("tcp udp", 5, "expected 'and' or 'or' before 'udp'"),
        ("ip.src == 7", 11, "ip.src is an address, '7' is not"),
        ("tcp.seq == c1", 12, "tcp.seq is a number, 'c1' is not"),
        ("tcp.flags.syn == 2", 18, "tcp.flags.syn is a flag, '2' is not"),
        ("tcp == 1", 5, "tcp is a protocol, which has no =="),
        ("ip.src < 10.0.0.1", 8, "ip.src is an address, which has no <"),
        ("tcp.seq contains 1", 9, "tcp.seq is a number, which has no contains"),
        ('data contains "x', 15, "the string does not end"),
        ("", 1, "expected a field, not the end"),
        ("(" * 60 + "tcp" + ")" * 60, 51, "the expression nests deeper than 50 levels"),
    ],
)
def test_errors_say_where_and_what(expression: str, column: int, sentence: str) -> None:
    with pytest.raises(FilterError) as error:
        Filter(expression)
    assert (str(error.value), error.value.column) == (sentence, column)


PIECES = st.sampled_from(
    (
        *FIELDS,
        "and",
        "or",
        "not",
        "(",
        ")",
        "==",
        "!=",
        "<",
        ">=",
        "contains",
        "7",
        "0x10",
        "10.0.0.1",
        "fd00::1",
        '"text"',
        "c1",
        "icmp.quoted.tcp.port",
        "!",
        "&&",
        "||",
    )
)


@given(st.text(max_size=40) | st.lists(PIECES, max_size=12).map(" ".join))
def test_an_expression_compiles_or_is_a_filter_error(expression: str) -> None:
    with suppress(FilterError):
        compiled = Filter(expression)
        assert {compiled.matches(s) for s in (syn, data, datagram, too_long)} <= {True, False}


@given(st.text(alphabet='tcp.seq=!<>&|()"\\ \n1a:', max_size=30))
def test_the_column_of_an_error_is_in_the_expression(expression: str) -> None:
    try:
        Filter(expression)
    except FilterError as error:
        column = error.column
    else:
        column = 1
    assert 1 <= column <= len(expression) + 1


def test_a_long_chain_is_no_deep_nesting() -> None:
    assert Filter(" and ".join(["tcp"] * 3000)).matches(syn)


def test_a_filter_shows_its_expression() -> None:
    assert repr(Filter("tcp")) == "Filter('tcp')"


def test_the_examples_of_the_documentation_compile() -> None:
    documentation = Path(__file__).parents[2] / "docs" / "filter.md"
    examples = documentation.read_text(encoding="utf-8").split("```")[1].strip().splitlines()
    assert [Filter(example).expression for example in examples] == examples
