from __future__ import annotations

from dataclasses import replace

import pytest

from netlab.analyse import analyse
from netlab.analyse.headers import socket_pair
from netlab.analyse.segments import segments
from netlab.analyse.side import Side
from netlab.collect.events import Event
from netlab.testing.dialogue import dialogue
from netlab.testing.plans import two_hosts
from netlab.testing.runs import only_connection
from netlab.wire.tcp_options import MaximumSegmentSize, WindowScale

HANDSHAKE = """
    c1 > server  SYN seq=0
    server > c1  SYN ACK seq=0 ack=1 win=1000
    c1 > server  ACK seq=1 ack=1
"""


def last_notes(text: str) -> tuple[str, ...]:
    arrows = only_connection(two_hosts(), HANDSHAKE + text).arrows
    return arrows[-1].notes


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("c1 > server ACK seq=1 ack=1 len=100", ()),
        (
            """
            c1 > server ACK seq=1 ack=1 len=100 lost=c1:eth0
            c1 > server ACK seq=1 ack=1 len=100
            """,
            ("retransmission",),
        ),
        (
            """
            c1 > server ACK seq=1 ack=1 len=1
            c1 > server ACK seq=1 ack=1 len=1
            """,
            ("retransmission",),
        ),
        (
            """
            c1 > server FIN ACK seq=1 ack=1 lost=c1:eth0
            c1 > server FIN ACK seq=1 ack=1
            """,
            ("retransmission",),
        ),
        ("c1 > server SYN seq=0", ("retransmission",)),
        ("c1 > server ACK seq=1 ack=1 len=10 copies=2", ("copied on the way",)),
        (
            """
            server > c1 ACK seq=1 ack=1 win=1000 len=10 lost=server:eth0
            c1 > server ACK seq=1 ack=1
            """,
            ("duplicate ACK",),
        ),
        ("c1 > server ACK seq=1 ack=1 win=60000", ("window update",)),
        ("server > c1 ACK seq=1 ack=1 win=0", ("zero window", "window update")),
        ("c1 > server ACK seq=1 ack=1 len=1000", ("window full",)),
        ("c1 > server ACK seq=0 ack=1", ("keepalive",)),
        (
            """
            server > c1 ACK seq=1 ack=1 win=0
            c1 > server ACK seq=0 ack=1
            """,
            ("window probe",),
        ),
        ("c1 > server RST seq=1", ()),
    ],
)
def test_the_last_segment_is_noted_as(text: str, notes: tuple[str, ...]) -> None:
    assert last_notes(text) == notes


def test_what_arrives_after_what_was_sent_later_is_out_of_order() -> None:
    arrows = only_connection(
        two_hosts(),
        HANDSHAKE
        + """
        @20ms c1 > server ACK seq=1 ack=1 len=10 delay=30ms
        @21ms c1 > server ACK seq=11 ack=1 len=10
        """,
    ).arrows

    assert [arrow.notes for arrow in arrows[-2:]] == [("out of order",), ()]


def test_an_mss_that_a_router_has_lowered_is_told_as_it_arrives() -> None:
    plan = two_hosts()
    sent, arrived = dialogue(plan, "c1 > server SYN seq=0 mss=1460")
    assert arrived.packet.tcp is not None
    lowered = replace(arrived.packet.tcp, options=(MaximumSegmentSize(1360),))
    arrived = replace(arrived, packet=replace(arrived.packet, tcp=lowered))
    captures = [
        Event(0, "capture", node, data={"interface": "eth0", "packets": 1, "drops": 0})
        for node in ("c1", "server")
    ]
    (connection,) = analyse(plan, captures, [sent, arrived]).connections

    (syn,) = connection.arrows
    assert syn.transit.received is arrived
    assert syn.notes == ("MSS 1360 on arrival",)


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        (
            """
            c1 > server ACK seq=0 ack=1
            server > c1 ACK seq=1 ack=1 win=1000
            """,
            ("ACK of a keepalive",),
        ),
        (
            """
            c1 > server ACK seq=0 ack=1
            server > c1 ACK seq=1 ack=1 win=900
            """,
            ("ACK of a keepalive", "window update"),
        ),
        (
            """
            c1 > server ACK seq=0 ack=1 lost=c1:eth0
            server > c1 ACK seq=1 ack=1 win=900
            """,
            ("window update",),
        ),
        (
            """
            server > c1 ACK seq=1 ack=1 win=0
            c1 > server ACK seq=0 ack=1
            server > c1 ACK seq=1 ack=1 win=0
            """,
            ("zero window", "ACK of a window probe"),
        ),
        (
            """
            server > c1 ACK seq=1 ack=1 win=0
            c1 > server ACK seq=0 ack=1
            server > c1 ACK seq=1 ack=1 win=500
            """,
            ("window update",),
        ),
        (
            """
            c1 > server ACK seq=1 ack=1 len=10 lost=c1:eth0
            c1 > server ACK seq=11 ack=1 len=10
            server > c1 ACK seq=1 ack=1 win=1000
            """,
            ("duplicate ACK",),
        ),
    ],
)
def test_an_ack_is_noted_for_what_it_answers(text: str, notes: tuple[str, ...]) -> None:
    assert last_notes(text) == notes


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        (
            """
            c1 > server ACK seq=1201 ack=1 len=1200
            c1 > server ACK seq=1 ack=1 len=1200
            """,
            (),
        ),
        (
            """
            c1 > server ACK seq=1201 ack=1 len=1200
            c1 > server ACK seq=1 ack=1 len=1200
            c1 > server ACK seq=601 ack=1 len=1200
            """,
            ("retransmission",),
        ),
        (
            """
            c1 > server ACK seq=1201 ack=1 len=1200
            c1 > server ACK seq=601 ack=1 len=1200
            """,
            (),
        ),
    ],
)
def test_only_bytes_that_were_sent_before_are_retransmitted(
    text: str, notes: tuple[str, ...]
) -> None:
    assert last_notes(text) == notes


@pytest.mark.parametrize(
    ("window", "is_same"), [(7, True), (8, True), (6, False), (9, False), (1000, False)]
)
def test_the_window_of_a_syn_is_not_scaled(window: int, is_same: bool) -> None:
    """RFC 7323 section 2.2: 1000 in the SYN,ACK is 7.8 units of 128."""
    transits = [arrow.transit for arrow in only_connection(two_hosts(), HANDSHAKE).arrows]
    client = socket_pair(transits[0].first.packet)
    assert client is not None
    syn, syn_ack, ack = segments(transits, client)
    scale = (WindowScale(7),)
    side, peer = Side(), Side()
    peer.send(replace(syn, header=replace(syn.header, options=scale)))
    side.send(replace(syn_ack, header=replace(syn_ack.header, options=scale)))
    later = replace(ack, header=replace(ack.header, window=window))

    assert side.offered(peer) == 1000
    assert side.repeats_window(later, peer) is is_same
    side.send(later)
    assert side.offered(peer) == window * 128


def test_the_syn_ack_of_a_simultaneous_open_is_no_retransmission():
    text = """
        @1ms c1 > server  SYN seq=0
        @1.5ms server > c1  SYN seq=0
        @2.5ms c1 > server  SYN ACK seq=0 ack=1
        @2.6ms server > c1  SYN ACK seq=0 ack=1
        @4ms c1 > server  SYN ACK seq=0 ack=1
    """
    notes = [arrow.notes for arrow in only_connection(two_hosts(), text).arrows]

    assert notes == [
        *[(), ()],
        *[("simultaneous open",), ("simultaneous open",)],
        ("retransmission",),
    ]
