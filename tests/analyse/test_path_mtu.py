from __future__ import annotations

from netlab.testing.plans import routed
from netlab.testing.runs import analysed


def test_fragmentation_needed_tells_the_sender_of_what_it_quotes() -> None:
    (told,) = analysed(
        routed(mtu=576),
        """
        c1 > server  ACK seq=1 ack=1 len=1000
        r1 > c1  ICMP frag-needed mtu=576 quotes=1
        """,
    ).path_mtus

    assert (told.node, told.destination, told.mtu) == ("c1", "10.0.1.1", 576)
    assert told.reporter == "10.0.0.254"


def test_packet_too_big_does_the_same_over_ipv6() -> None:
    (told,) = analysed(
        routed(mtu=1280),
        """
        c1 > server  v6 ACK seq=1 ack=1 len=1400
        r1 > c1  v6 ICMP too-big mtu=1280 quotes=1
        """,
    ).path_mtus

    assert (told.node, told.destination, told.mtu) == ("c1", "fd00:1::1", 1280)


def test_an_error_that_never_arrived_told_nobody_and_other_errors_tell_no_mtu() -> None:
    analysis = analysed(
        routed(mtu=576),
        """
        c1 > server  ACK seq=1 ack=1 len=1000
        r1 > c1  ICMP frag-needed mtu=576 quotes=1 lost=r1:eth0
        c1 > server  UDP len=10
        server > c1  ICMP port-unreachable quotes=3
        c1 > server  ICMP echo
        """,
    )

    assert analysis.path_mtus == ()
