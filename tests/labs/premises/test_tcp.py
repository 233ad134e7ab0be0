"""The labs of tcp fail when a premise is broken, and say which fact they could not show."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netlab.testing.commands import Outcome
from netlab.testing.premises import Broken, assert_named

pytestmark = pytest.mark.lab

BROKEN = {
    "handshake at a closed port": Broken(
        "tcp/handshake", "{echo: tcp/7}", "{echo: tcp/8}", "SYN j is answered by SYN k"
    ),
    "handshake with another MSS": Broken(
        "tcp/handshake", "as: opened}", "mss: 1000, as: opened}", "both SYNs announce"
    ),
    "handshake with a longer request": Broken(
        "tcp/handshake", "send: 1 byte,", "send: 2 bytes,", "the client's SYN took number 0"
    ),
    "close by a server that does not wait": Broken(
        "tcp/close", "close_after: 100ms", "close_after: 0ms", "four segments close"
    ),
    "close by a server that waits": Broken(
        "tcp/close",
        "- {echo: tcp/8, acks: delayed}",
        "- {echo: tcp/8, acks: delayed, close_after: 100ms}",
        "a server that closes at once",
    ),
    "close after data that did not wait for the FIN": Broken(
        "tcp/close", "more: true", "more: false", "a FIN rides on the last data"
    ),
    "close without an exit": Broken(
        "tcp/close", "  - {exit: leaver}\n", "", "a process that exits"
    ),
    "observed with a request of two segments": Broken(
        "tcp/observed", "send: 500 bytes", "send: 1500 bytes", "request and reply take one segment"
    ),
    "observed with a quick server": Broken(
        "tcp/observed", "think: 1s", "think: 0s", "a server that takes 1 s acknowledges"
    ),
    "observed with a thoughtful server": Broken(
        "tcp/observed",
        "acks: delayed, close_after",
        "think: 200ms, acks: delayed, close_after",
        "the exchange of figure 2-5",
    ),
    "observed with a server that does not wait to close": Broken(
        "tcp/observed", ", close_after: 100ms", "", "ten segments in all"
    ),
    "time-wait without a loss": Broken(
        "tcp/time-wait",
        '      - {drop: ipv4 and tcp.flags == 0x10 and tcp.seq == 3, nth: 1, way: "->"}\n',
        "",
        "exactly one segment is lost",
    ),
    "time-wait with two losses": Broken(
        "tcp/time-wait",
        "ipv4 and tcp.flags == 0x10 and tcp.seq == 3, nth: 1",
        "ipv4 and tcp.flags == 0x10 and tcp.seq == 3, nth: [1, 2]",
        "exactly one segment is lost",
    ),
    "time-wait at a client that has room for it": Broken(
        "tcp/time-wait",
        "net.ipv4.tcp_max_tw_buckets: 0",
        "net.ipv4.tcp_max_tw_buckets: 100",
        "a client that forgets at once",
    ),
    "reliability without loss": Broken(
        "tcp/reliability", "impair: {loss: 2%}", "impair: {}", "packets were lost on it"
    ),
    "reliability with loss where there is none": Broken(
        "tcp/reliability",
        "reorder: {chance",
        "loss: 1%, reorder: {chance",
        "nothing was lost on it",
    ),
    "reliability without reordering": Broken(
        "tcp/reliability",
        ", reorder: {chance: 3%, by: 2ms}",
        "",
        "the receiver answered segments that came early",
    ),
    "reliability without corruption": Broken(
        "tcp/reliability", "impair: {corrupt: 2%}", "impair: {}", "corrupted packets came"
    ),
    "congestion on a fast link": Broken(
        "tcp/congestion", "rate: 10 Mbit/s", "rate: 100 Mbit/s", "data come as fast as the link"
    ),
    "congestion with a long queue": Broken(
        "tcp/congestion", "queue: 20 packets", "queue: 2000 packets", "it grows until the queue"
    ),
    "congestion with a timer that is not left alone": Broken(
        "tcp/congestion", "nth: [1, 2, 3]", "nth: [1, 2]", "without ACKs the retransmission timer"
    ),
    "congestion without ECN": Broken(
        "tcp/congestion", "net.ipv4.tcp_ecn: 1, ", "net.ipv4.tcp_ecn: 0, ", "both ends can do ECN"
    ),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_the_lab_names_the_fact(broken: Broken, run_lab: Callable[[str], Outcome]) -> None:
    assert_named(broken, run_lab(broken.text))
