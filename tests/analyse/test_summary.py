from __future__ import annotations

import pytest

from netlab.analyse.summary import summary
from netlab.testing.dialogue import dialogue
from netlab.testing.plans import routed, two_hosts
from netlab.testing.runs import only_connection
from netlab.wire.packet import decode


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("c1 > server UDP len=20", "10.0.0.2:40000 -> 10.0.0.1:7 datagram (20)"),
        ("c1 > server v6 UDP len=20", "[fd00::2]:40000 -> [fd00::1]:7 datagram (20)"),
        ("c1 > server ICMP echo", "10.0.0.2 -> 10.0.0.1 ICMP echo, code 0"),
        ("c1 > server ARP", "ARP who has 10.0.0.1, tell 10.0.0.2"),
        ("c1 > server SYN seq=0", "10.0.0.2:40000 -> 10.0.0.1:7 TCP SYN"),
    ],
)
def test_a_packet_in_one_line(line: str, text: str) -> None:
    assert summary(dialogue(two_hosts(), line)[0].packet) == text


def test_an_icmp_error_tells_its_mtu() -> None:
    seen = dialogue(
        routed(mtu=576),
        "c1 > server ACK seq=1 ack=1 len=1000 \n r1 > c1 ICMP frag-needed mtu=576 quotes=1",
    )

    assert summary(seen[-1].packet) == (
        "10.0.0.254 -> 10.0.0.2 ICMP destination unreachable, code 4, MTU 576"
    )


def test_a_packet_of_a_connection_is_called_as_its_arrow() -> None:
    (arrow,) = only_connection(two_hosts(), "c1 > server SYN seq=0 mss=536").arrows

    text = summary(arrow.transit.first.packet, arrow)

    assert text == "10.0.0.2:40000 -> 10.0.0.1:7 SYN, MSS 536"


def test_a_fragment_without_ports_and_a_frame_that_is_no_packet() -> None:
    second = dialogue(two_hosts(), "c1 > server UDP len=2000")[1].packet

    assert summary(second) == "10.0.0.2 -> 10.0.0.1 fragment 1480:2008"
    assert summary(decode(b"\x02" * 12 + b"\x12\x34" + b"x" * 10)) == "frame of 24 bytes"
