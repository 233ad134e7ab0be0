from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.fabric.emulator import glance as module
from netlab.testing.frames import arp_request, neighbour_solicitation, tcp, udp
from netlab.wire.fields import Subject
from netlab.wire.filter import Filter
from netlab.wire.packet import decode
from netlab.wire.tcp import FLAGS, Flags


def glance(expression: str) -> module.Glance:
    return module.glance(Filter(expression).tree)


TESTS = st.sampled_from(
    [
        "tcp",
        "udp",
        "icmpv6",
        "arp",
        "tcp.flags.fin",
        "tcp.flags.syn == 1",
        "tcp.flags.ack == 0",
        "tcp.flags.ack != 1",
        "tcp.dstport == 7",
        "udp.port != 80",
        "ip.version == 6",
        'data contains "tcp.flags.fin"',
        "frame.len > 0",
        "icmp.quoted.tcp",
        "icmpv6.type == 135",
    ]
)
EXPRESSIONS = st.recursive(
    TESTS,
    lambda inner: (
        st.builds("{} and {}".format, inner, inner)
        | st.builds("{} && {}".format, inner, inner)
        | st.builds("{} or {}".format, inner, inner)
        | st.builds("({} || {})".format, inner, inner)
        | st.builds("not ({})".format, inner)
        | st.builds("!({})".format, inner)
        | st.builds("({})".format, inner)
    ),
    max_leaves=5,
)
VERSIONS = st.sampled_from([4, 6])
FRAMES = (
    st.builds(tcp, st.sampled_from(FLAGS), version=VERSIONS)
    | st.builds(udp, st.integers(0, 9), version=VERSIONS)
    | st.sampled_from([arp_request(), neighbour_solicitation()])
)
HOP_BY_HOP = bytes([6, 0, 1, 4, 0, 0, 0, 0])


def with_extension(frame: bytes) -> bytes:
    """The frame with a hop-by-hop header in front of TCP."""
    length = int.from_bytes(frame[18:20], "big") + len(HOP_BY_HOP)
    return b"".join(
        (frame[:18], length.to_bytes(2, "big"), b"\0", frame[21:54], HOP_BY_HOP, frame[54:])
    )


def with_options(frame: bytes) -> bytes:
    """The frame with four bytes of IPv4 options."""
    length = int.from_bytes(frame[16:18], "big") + 4
    return (
        b"".join(
            (frame[:14], b"\x46", frame[15:16], length.to_bytes(2, "big"), frame[18:34], b"\1" * 4)
        )
        + (frame[34:])
    )


@given(EXPRESSIONS, FRAMES | st.binary(max_size=100), st.integers(0, 100))
def test_it_never_dismisses_what_matches(expression: str, frame: bytes, cut: int):
    for seen in (frame, frame[:cut]):
        if Filter(expression).matches(Subject(decode(seen))):
            assert glance(expression)(seen)


@pytest.mark.parametrize(
    ("expression", "frame"),
    [
        ("tcp", udp(1)),
        ("udp and ip.version == 4", tcp(Flags.SYN)),
        ("icmp.type == 8", udp(1)),
        ("tcp.flags.syn", tcp(Flags.ACK)),
        ("tcp.flags.syn and tcp.dstport == 80", tcp(Flags.ACK)),
        ("tcp.flags.fin == 1 && tcp.len > 0", tcp(Flags.ACK, version=6)),
        ("tcp.flags.fin && tcp", tcp(Flags.ACK, version=6)),
        ("tcp", arp_request()),
        ("tcp.port != 7", udp(1)),
        ("tcp.flags.fin or tcp.flags.rst", udp(1)),
        ("tcp.flags.syn and (tcp.flags.ack or tcp.len > 0)", tcp(Flags.ACK)),
        ("tcp.flags.syn and not tcp.flags.ack", tcp(Flags.ACK)),
    ],
)
def test_it_dismisses_most_of_the_rest(expression: str, frame: bytes):
    assert not glance(expression)(frame)


def test_of_alternatives_one_is_enough():
    assert glance("tcp.flags.fin or tcp.flags.rst")(tcp(Flags.FIN))
    assert glance("tcp.flags.fin or udp")(udp(1))


@pytest.mark.parametrize(
    "frame",
    [with_extension(tcp(Flags.FIN, version=6)), with_options(tcp(Flags.FIN))],
    ids=["extension header", "options"],
)
def test_headers_of_other_lengths(frame: bytes):
    assert Filter("tcp.flags.fin").matches(Subject(decode(frame)))
    assert glance("tcp.flags.fin")(frame)
