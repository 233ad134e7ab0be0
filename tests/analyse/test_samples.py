from __future__ import annotations

from netlab.analyse.model import TcpSample
from netlab.testing.plans import two_hosts
from netlab.testing.runs import analysed, connected, only_connection, tcp_info

HANDSHAKE = """
    c1 > server  SYN seq=0
    server > c1  SYN ACK seq=0 ack=1
    c1 > server  ACK seq=1 ack=1
"""


def test_samples_belong_to_the_end_whose_node_took_them() -> None:
    events = [
        connected("first"),
        tcp_info(at=6.0, cwnd=10),
        tcp_info(at=8.0, cwnd=12, ssthresh=7, total_retrans=1, phase="recovery"),
        tcp_info(
            at=9.0, cwnd=20, node="server", local="10.0.0.1:7", foreign="10.0.0.2:40000", srtt=5
        ),
    ]
    first = only_connection(two_hosts(), HANDSHAKE, events)

    assert [sample.cwnd for sample in first.client.samples] == [10, 12]
    assert first.client.samples[1] == TcpSample(
        t=8_000_000,
        cwnd=12,
        ssthresh=7,
        mss=1448,
        srtt=1_000_000,
        rto=204_000_000,
        unacked=0,
        lost=0,
        retransmitted=1,
        phase="recovery",
    )
    assert [(sample.cwnd, sample.srtt) for sample in first.server.samples] == [(20, 5)]


def test_each_incarnation_of_a_pair_has_its_own() -> None:
    text = HANDSHAKE + "@50ms c1 > server  RST seq=1\n@60ms c1 > server  SYN seq=9000"
    events = [tcp_info(at=6.0, cwnd=10), tcp_info(at=61.0, cwnd=3)]
    one, other = analysed(two_hosts(), text, events).connections

    assert [sample.cwnd for sample in one.client.samples] == [10]
    assert [sample.cwnd for sample in other.client.samples] == [3]
