from __future__ import annotations

from collections.abc import Sequence

import pytest

from netlab.collect.events import Event
from netlab.scenario.verdict import Judgement
from netlab.testing.judging import PLACE, judged
from netlab.testing.runs import connected, tcp_info
from netlab.topology.expectations import Bounds, MetricExpected

TALK = """
    c1 > server  SYN seq=0
    server > c1  SYN ACK seq=0 ack=1
    c1 > server  ACK seq=1 ack=1
    c1 > server  ACK seq=1 ack=1 len=100 lost=c1:eth0
    c1 > server  ACK seq=101 ack=1 len=100
    server > c1  ACK seq=1 ack=1
    c1 > server  ACK seq=1 ack=1 len=100
    server > c1  ACK seq=1 ack=201 win=0
    server > c1  RST ACK seq=1 ack=201
"""


def metric(
    name: str,
    low: float,
    *,
    node: str | None = None,
    pick: str | None = None,
    events: Sequence[Event] = (),
) -> Judgement:
    expectation = MetricExpected(
        **PLACE,
        connection="first",
        node=node,
        metric=name,
        pick=pick,
        bounds=Bounds(f"== {low:g}", low, low),
    )
    return judged(expectation, TALK, [connected("first"), *events])


@pytest.mark.parametrize(
    ("name", "node", "value"),
    [
        ("segments", None, 5),
        ("bytes", None, 200),
        ("retransmissions", None, 1),
        ("resets", None, 0),
        ("max_flight", None, 200),
        ("segments", "server", 4),
        ("duplicate_acks", "server", 1),
        ("zero_windows", "server", 1),
        ("resets", "server", 1),
    ],
)
def test_what_an_end_s_segments_amount_to(name: str, node: str | None, value: int) -> None:
    judgement = metric(name, value, node=node)
    assert judgement.passed, judgement.seen


def test_a_count_has_its_frames_and_a_wrong_one_all_the_others() -> None:
    judgement = metric("retransmissions", 0)

    assert not judgement.passed
    assert judgement.expected == "retransmissions of first == 0"
    assert judgement.seen == (
        "retransmissions 1\n"
        "all of this end: segments 5, bytes 200, retransmissions 1, duplicate_acks 0,"
        " out_of_order 0, zero_windows 0, window_updates 0, window_probes 0, keepalives 0,"
        " resets 0, max_flight 200"
    )
    assert len(judgement.frames) == 1


SAMPLES = [
    tcp_info(at=10, cwnd=10, srtt=2_000_000),
    tcp_info(at=20, cwnd=24, ssthresh=12, srtt=1_000_000),
    tcp_info(at=30, cwnd=12, ssthresh=12, srtt=3_000_000),
]


@pytest.mark.parametrize(
    ("pick", "name", "value"),
    [
        ("max", "cwnd", 24),
        ("min", "cwnd", 10),
        ("first", "cwnd", 10),
        ("last", "cwnd", 12),
        ("min", "ssthresh", 12),
        ("max", "srtt", 3e6),
    ],
)
def test_what_the_kernel_told_over_time(pick: str, name: str, value: float) -> None:
    judgement = metric(name, value, pick=pick, events=SAMPLES)
    assert judgement.passed, judgement.seen


def test_samples_are_told_with_their_time() -> None:
    judgement = metric("cwnd", 30, pick="max", events=SAMPLES)
    assert judgement.seen == "max cwnd 24 at 0.020000 s; 3 samples, 10 first, 12 last"
    judgement = metric("srtt", 0, pick="max", events=SAMPLES)
    assert judgement.seen == "max srtt 3.0 ms at 0.030000 s; 3 samples, 2.0 ms first, 3.0 ms last"


def test_what_the_kernel_never_told() -> None:
    assert metric("cwnd", 1, pick="max").seen == "the kernel of c1 never told a sample"
    judgement = metric("ssthresh", 1, pick="max", events=SAMPLES[:1])
    assert judgement.seen == "the kernel of c1 never told a value of it"


def test_an_end_that_is_none() -> None:
    judgement = metric("segments", 1, node="r1")
    assert judgement.seen == "r1 is no end of first; its ends are c1 and server"


def test_a_connection_that_was_not_seen() -> None:
    expectation = MetricExpected(
        **PLACE, connection="talk", node=None, metric="bytes", pick=None, bounds=Bounds("== 1")
    )
    judgement = judged(expectation, TALK, [connected("first")])
    assert judgement.seen == "no packet of talk; the connections are: first"
