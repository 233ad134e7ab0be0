"""The labs of tcp fail when a premise is broken, and say which fact they could not show."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netlab.testing.commands import Outcome
from netlab.testing.premises import Broken, assert_named

pytestmark = [pytest.mark.lab, pytest.mark.premise]

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
    "initial numbers of another pair": Broken(
        "tcp/isn",
        "from: 1500, as: second",
        "from: 1502, as: second",
        "of one pair of endpoints the numbers rise",
    ),
    "initial numbers without a quiet time": Broken(
        "tcp/isn", "restart: client, quiet: 3s", "restart: client", "a host that starts"
    ),
    "initial numbers of a server that is not quiet": Broken(
        "tcp/isn", "restart: server, quiet: 3s", "restart: server", "a server that keeps quiet"
    ),
    "states of ends that open one after the other": Broken(
        "tcp/states",
        "- - {node: right, connect",
        "- - {pause: 1s}\n        - {node: right, connect",
        "both open at once",
    ),
    "states of ends that close one after the other": Broken(
        "tcp/states",
        "- - {close: both-right}",
        "- - {pause: 800ms}\n        - {close: both-right}",
        "both close at once",
    ),
    "states of a server that resets": Broken(
        "tcp/states", "close: asked", "reset: asked", "the end that opens and closes first"
    ),
    "control block of data that is not urgent": Broken(
        "tcp/tcb",
        "{send: 10 bytes, urgent: true, over: first}\n  - {receive: 9 bytes",
        "{send: 10 bytes, over: first}\n  - {receive: 10 bytes",
        "urgent data moves SND.UP",
    ),
    "control block of a reader with a large buffer": Broken(
        "tcp/tcb", "receive_buffer: 8 KiB", "receive_buffer: 64 KiB", "a closed window stops"
    ),
    "control block of a reader that does not wait": Broken(
        "tcp/tcb", "read: {after: 3s}", "read: {after: 0s}", "or no window, which the persist timer"
    ),
    "control block of a client that resets": Broken(
        "tcp/tcb", "{close: first}", "{reset: first}", "who closes first waits for 2 MSL"
    ),
    "control block of a short round trip": Broken(
        "tcp/tcb", "delay: 100ms", "delay: 10ms", "the first timeout is 1 s"
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
    "sndbuf with a link that stays up": Broken(
        "tcp/sndbuf",
        "  - {link: client -- server, down: true}\n",
        "",
        "what is not acknowledged stays",
    ),
    "sndbuf without linger": Broken(
        "tcp/sndbuf", "as: patient, linger: 1s}", "as: patient}", "with SO_LINGER it waits"
    ),
    "sndbuf with linger for nothing": Broken(
        "tcp/sndbuf", "linger: 1s}", "linger: 0s}", "either way the data arrives"
    ),
    "sndbuf with a small buffer that is large": Broken(
        "tcp/sndbuf",
        "as: small, send_buffer: 16 KiB",
        "as: small, send_buffer: 128 KiB",
        "a small buffer is soon full",
    ),
    "sndbuf of a server that reads at once": Broken(
        "tcp/sndbuf", "read: {after: 1s}", "read: {after: 0s}", "a write of more than the buffer"
    ),
    "flow control of a reader that does not sleep": Broken(
        "tcp/flow-control",
        "read: {after: 1500ms}",
        "read: {after: 0s}",
        "the sender's program waits",
    ),
    "flow control with a buffer for everything": Broken(
        "tcp/flow-control",
        "receive_buffer: 8 KiB, read: {after: 1500ms}",
        "read: {after: 1s}",
        "a closed window is probed",
    ),
    "flow control with a short sleep": Broken(
        "tcp/flow-control",
        "read: {after: 1500ms}",
        "read: {after: 50ms}",
        "a closed window is probed",
    ),
    "urgent data that is not": Broken(
        "tcp/urgent", "over: outofband, urgent: true", "over: outofband", "urgent data has the flag"
    ),
    "urgent data with the byte inline": Broken(
        "tcp/urgent",
        "{discard: tcp/9, model: iterative, sigurg: true}",
        "{discard: tcp/9, model: iterative, sigurg: true, urgent_inline: true}",
        "what is read out of band",
    ),
    "urgent data out of band instead of inline": Broken(
        "tcp/urgent", ", urgent_inline: true", "", "inline it is a byte of the stream"
    ),
    "urgent data through an open window": Broken(
        "tcp/urgent", "receive_buffer: 8 KiB, ", "", "urgent data is announced through"
    ),
    "reset at a port where somebody listens": Broken(
        "tcp/reset", "connect: tcp server:81", "connect: tcp server:7", "nobody listens"
    ),
    "reset at an IPv6 port where somebody listens": Broken(
        "tcp/reset", "connect: tcp6 server:81", "connect: tcp6 server:7", "in IPv6 too the SYN"
    ),
    "reset by a program that lingers": Broken(
        "tcp/reset", "linger: 0s", "linger: 1s", "SO_LINGER with 0 s"
    ),
    "reset by a program that closes": Broken(
        "tcp/reset", "reset: aborted", "close: aborted", "a reset connection has no TIME_WAIT"
    ),
    "reset by a program that has read everything": Broken(
        "tcp/reset",
        "  - {pause: 100ms}\n  - {close: unread}",
        "  - {receive: 10 bytes, over: unread}\n  - {close: unread}",
        "to close with data unread",
    ),
    "reset while the link is up": Broken(
        "tcp/reset",
        "  - {link: client -- server, down: true}\n",
        "",
        "a host that has lost its half",
    ),
    "syn flood against a larger backlog": Broken(
        "tcp/syn-flood",
        "backlog: 8}]\n    sysctls: {net.ipv4.tcp_syncookies: 0,",
        "backlog: 64}]\n    sysctls: {net.ipv4.tcp_syncookies: 0,",
        "the tenth SYN is dropped",
    ),
    "syn flood against cookies when the queue is full": Broken(
        "tcp/syn-flood", "tcp_syncookies: 0", "tcp_syncookies: 1", "so is that of an honest client"
    ),
    "syn flood against no cookies": Broken(
        "tcp/syn-flood", "tcp_syncookies: 2", "tcp_syncookies: 0", "a server with SYN cookies"
    ),
    "keepalive that is off": Broken(
        "tcp/keepalive-user-timeout",
        "as: alive, keepalive: {idle: 1s, interval: 1s, count: 1}",
        "as: alive",
        "a silent connection is probed",
    ),
    "keepalive of a peer that stays": Broken(
        "tcp/keepalive-user-timeout", "down: true", "up: true", "a probe that is not answered"
    ),
    "data without a user timeout": Broken(
        "tcp/keepalive-user-timeout", ", user_timeout: 800ms", "", "until the user timeout"
    ),
    "keepalive without a user timeout": Broken(
        "tcp/keepalive-user-timeout", ", user_timeout: 1500ms", "", "the user timeout also ends"
    ),
    "options of a client that scales its window": Broken(
        "tcp/options",
        "net.ipv4.tcp_window_scaling: 0",
        "net.ipv4.tcp_window_scaling: 1",
        "a host that wants none of them",
    ),
    "options with a server that has no timestamps": Broken(
        "tcp/options",
        "server: {role: server,",
        "server: {role: server, sysctls: {net.ipv4.tcp_timestamps: 0},",
        "the answer has all four",
    ),
    "options that are all known": Broken(
        "tcp/options", "mss + unknown +", "mss +", "an unknown option is ignored"
    ),
    "options that leave room": Broken(
        "tcp/options",
        'mss + b"\\xfd\\x23" + b"x" * 33',
        'mss + b"\\xfd\\x1f" + b"x" * 29',
        "a header has at most 60 bytes",
    ),
    "half close that is a close": Broken(
        "tcp/half-close",
        "{shutdown: half}",
        "{close: half}",
        "over IPv4 the client reads all of it",
    ),
    "half close with a server that does not wait for the end": Broken(
        "tcp/half-close",
        "until_eof: true, ",
        "",
        "over IPv6 the server sends three segments after",
    ),
    "half close in the place of a close": Broken(
        "tcp/half-close", "{close: whole}", "{shutdown: whole}", "a close sends the same FIN"
    ),
    "cost of a close in three segments": Broken(
        "tcp/cost", "close_after: 100ms", "close_after: 0ms", "over IPv4 TCP needs ten segments"
    ),
    "cost of a datagram in fragments": Broken(
        "tcp/cost",
        "{send: 500 bytes, receive: 500 bytes}, over: udp6",
        "{send: 2000 bytes, receive: 2000 bytes}, over: udp6",
        "over IPv6 UDP needs two datagrams",
    ),
    "cost of a request in two segments": Broken(
        "tcp/cost",
        "{send: 500 bytes, receive: 500 bytes}, over: tcp6",
        "{send: 2000 bytes, receive: 2000 bytes}, over: tcp6",
        "over IPv6 two carry the request",
    ),
    "framing of writes that are not held back": Broken(
        "tcp/framing", "over: merged, more: true", "over: merged", "two writes leave in one segment"
    ),
    "framing of reads that end with the message": Broken(
        "tcp/framing", "{text: Hell}", "{text: Hello1}", "three reads of four bytes"
    ),
    "framing with a larger MSS": Broken("tcp/framing", "mss: 88, ", "", "one write of 200 bytes"),
    "framing by another length": Broken(
        "tcp/framing",
        "{text: Hello1}, framed: {size: 8 bytes}",
        "{text: Hello1}, framed: {size: 7 bytes}",
        "a fixed length restores",
    ),
    "framing by another delimiter": Broken(
        "tcp/framing",
        '{text: Hi2}, framed: {until: "\\r\\n"}, over: delimited',
        '{text: Hi2}, framed: {until: "\\n"}, over: delimited',
        "a delimiter restores",
    ),
    "framing by another length of the length": Broken(
        "tcp/framing",
        "{text: Hi2}, framed: {prefix: 2 bytes}",
        "{text: Hi2}, framed: {prefix: 1 byte}",
        "a length in front restores",
    ),
    "framing of a message that ends otherwise": Broken(
        "tcp/framing",
        'send: "2\\r\\n"',
        'send: "3\\r\\n"',
        "a message whose end comes later",
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
    "congestion on a slower link": Broken(
        "tcp/congestion", "rate: 10 Mbit/s", "rate: 3 Mbit/s", "data come as fast as the link"
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
    "acceptability of the next number instead of the one before": Broken(
        "tcp/acceptability",
        "about: before, seq: -1,",
        "about: before, seq: +0,",
        "the number before the window is not acceptable",
    ),
    "acceptability of a number behind the window": Broken(
        "tcp/acceptability",
        "about: within, seq: +1000,",
        "about: within, seq: +1000000,",
        "so is one anywhere else in the window",
    ),
    "acceptability of data without a new byte": Broken(
        "tcp/acceptability",
        "about: overlapping, seq: -4,",
        "about: overlapping, seq: -10,",
        "with data it is enough that the last byte",
    ),
    "acceptability of data in order": Broken(
        "tcp/acceptability",
        "about: early, seq: +100,",
        "about: early, seq: +0,",
        "data behind a gap are acceptable",
    ),
    "acceptability of a window that is read": Broken(
        "tcp/acceptability",
        "receive_buffer: 8 KiB, read: {after: 60s}",
        "receive_buffer: 8 KiB",
        "but no data, though what it acknowledges",
    ),
    "acceptability of a reset that is not exact": Broken(
        "tcp/acceptability",
        "{segment: rst, to: server, about: reset}",
        "{segment: rst, to: server, about: reset, seq: +1}",
        "a RST with the next number ends",
    ),
    "acceptability of a reset that is guessed": Broken(
        "tcp/acceptability",
        "about: guessed, seq: +1}",
        "about: guessed, seq: +0}",
        "a RST elsewhere in the window",
    ),
    "paws with a timestamp that is not old": Broken(
        "tcp/paws",
        "about: old, timestamp: -2,",
        "about: old, timestamp: -1,",
        "a segment with an older timestamp",
    ),
    "paws with a timestamp of two ticks ago": Broken(
        "tcp/paws",
        "about: tick, timestamp: -1,",
        "about: tick, timestamp: -2,",
        "Linux takes even those that are one tick old",
    ),
    "paws with an old timestamp that was to be equal": Broken(
        "tcp/paws",
        "about: equal, timestamp: +0,",
        "about: equal, timestamp: -10,",
        "an equal timestamp is not older",
    ),
    "paws with a timestamp of the present": Broken(
        "tcp/paws", "timestamp: +2000", "timestamp: +0", "after a timestamp of the future"
    ),
    "wandering duplicate of another segment": Broken(
        "tcp/wandering-duplicate",
        "replay: tcp.len > 0,",
        "replay: tcp.len > 0 and ip.src == 10.0.1.2,",
        "old data have numbers before the window",
    ),
    "wandering duplicate with a port of its own": Broken(
        "tcp/wandering-duplicate",
        "from: 1600, as: refused",
        "from: 1700, as: refused",
        "ports in TIME_WAIT are not free",
    ),
    "wandering duplicate of an ACK instead of the FIN": Broken(
        "tcp/wandering-duplicate",
        "replay: ip.src == 10.0.1.2 and tcp.flags.fin,",
        "replay: ip.src == 10.0.1.2 and not tcp.flags.fin and not tcp.flags.syn,",
        "TIME_WAIT answers an old FIN",
    ),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_the_lab_names_the_fact(broken: Broken, run_lab: Callable[[str], Outcome]) -> None:
    assert_named(broken, run_lab)
