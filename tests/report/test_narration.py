from __future__ import annotations

import pytest

from netlab.collect.events import Event
from netlab.report.narration import narrate

STORIES = [
    (Event(0, "node", "c1", data={"status": "ready"}), "ready"),
    (
        Event(
            0,
            "service",
            "s",
            data={
                "service": "echo tcp/7",
                "status": "accepted",
                "local": "10.0.0.1:7",
                "foreign": "10.0.0.2:1500",
                "pid": 12,
            },
        ),
        "echo tcp/7 accepted 10.0.0.1:7 <- 10.0.0.2:1500 pid 12",
    ),
    (Event(0, "step", data={"text": "c1 sends", "status": "started"}), "c1 sends started"),
    (
        Event(0, "op", "c1", "first", {"op": "send", "bytes": 0, "took": 1_500_000}),
        "first: send 0 bytes in 1.500 ms",
    ),
    (
        Event(0, "op", "c1", "x", {"op": "connect", "status": "error", "errno": "ECONNREFUSED"}),
        "x: connect fails (ECONNREFUSED)",
    ),
    (
        Event(
            0,
            "op",
            "c1",
            "p",
            {
                "op": "ping",
                "replies": 1,
                "transmitted": 2,
                "probes": [
                    {"seq": 1, "rtt": 5, "from": "10.0.0.2"},
                    {"seq": 2, "error": "3/1", "from": "10.0.0.9"},
                ],
            },
        ),
        "p: ping 1 of 2 answered; 3/1 from 10.0.0.9",
    ),
    (
        Event(
            0, "op", "c1", "t", {"op": "traceroute", "hops": [{"from": None}, {"from": "fd00::2"}]}
        ),
        "t: traceroute over *, fd00::2",
    ),
    (
        Event(0, "icmp", "c1", "seen", {"version": 4, "type": 3, "code": 6, "from": "10.0.0.2"}),
        "seen: hears icmp 3/6 from 10.0.0.2",
    ),
    (
        Event(0, "injected", "r1", "u", {"icmp": "3/6", "from": "10.0.0.2", "to": "10.0.0.1"}),
        "u: sends icmp 3/6 to 10.0.0.1",
    ),
    (
        Event(
            0,
            "injected",
            "r1",
            "first",
            {
                "transport": "tcp",
                "segment": "psh ack",
                "from": "10.0.0.1:1500",
                "to": "10.0.1.2:7",
                "len": 5,
                "seq": 11,
                "seq_raw": 1011,
                "ack": 11,
            },
        ),
        "first: injects psh ack 11 (5 bytes) from 10.0.0.1:1500 to 10.0.1.2:7",
    ),
    (
        Event(0, "injected", "r1", "u", {"transport": "udp", "from": "a:1", "to": "b:2", "len": 0}),
        "u: injects udp from a:1 to b:2",
    ),
    (
        Event(0, "filter", "r1", data={"filter": "drop udp", "status": "removed", "packets": 2}),
        "filter drop udp removed (2 packets stopped)",
    ),
    (
        Event(0, "process", "c1", data={"process": "p", "status": "exited", "exit_code": 0}),
        "p exited exit code 0",
    ),
    (
        Event(0, "program", "c1", data={"argv": ["uname", "-s"], "exit_code": 0, "output": "L\n"}),
        "uname -s: exit code 0\nL",
    ),
    (Event(0, "program", "c1", data={"argv": ["x"], "signal": "SIGKILL"}), "x: killed by SIGKILL"),
    (
        Event(
            0,
            "state",
            "c1",
            data={
                "local": "a:1",
                "foreign": "b:2",
                "old": "CLOSED",
                "new": "SYN_SENT",
                "source": "trace",
            },
        ),
        "{a:1, b:2} CLOSED → SYN_SENT (trace)",
    ),
    (Event(0, "link", data={"link": "a -- b", "status": "down"}), "link a -- b down"),
    (
        Event(0, "capture", "c1", data={"interface": "eth0", "packets": 3, "drops": 0}),
        "eth0 3 packets, 0 drops",
    ),
    (Event(0, "interrupted", data={"reason": "Ctrl-C"}), "Ctrl-C"),
]


@pytest.mark.parametrize(("event", "text"), STORIES)
def test_an_event_is_told_as_a_sentence(event: Event, text: str) -> None:
    line = narrate(event)
    assert line
    assert line.text == text


def test_what_the_report_shows_elsewhere_is_not_in_the_log() -> None:
    assert narrate(Event(0, "run")) is None
    assert narrate(Event(0, "sockets", "c1")) is None


def test_a_kind_of_a_later_version_is_skipped() -> None:
    assert narrate(Event(0, "comet")) is None


@pytest.mark.parametrize(
    ("event", "failed"),
    [
        (Event(0, "node", "c1", data={"status": "lost"}), True),
        (Event(0, "step", data={"status": "failed"}), True),
        (Event(0, "op", data={"status": "error"}), True),
        (Event(0, "interrupted"), True),
        (Event(0, "op", data={"status": "ok"}), False),
    ],
)
def test_failures_are_marked(event: Event, failed: bool) -> None:
    line = narrate(event)
    assert line
    assert line.failed is failed
