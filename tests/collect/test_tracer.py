from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.collect import tracer

#: As Linux 6.1 prints them; the processor and flags columns vary.
SYN_SENT = (
    "          python-1234    [001] ...1. 1000.000500: inet_sock_set_state: family=AF_INET"
    " protocol=IPPROTO_TCP sport=0 dport=7 saddr=10.0.0.2 daddr=10.0.0.1"
    " saddrv6=::ffff:10.0.0.2 daddrv6=::ffff:10.0.0.1 oldstate=TCP_CLOSE newstate=TCP_SYN_SENT"
)
MAPPED = (
    "          <idle>-0       [000] ..s2. 1000.000600: inet_sock_set_state: family=AF_INET6"
    " protocol=IPPROTO_TCP sport=7 dport=40000 saddr=10.0.0.1 daddr=10.0.0.2"
    " saddrv6=::ffff:10.0.0.1 daddrv6=::ffff:10.0.0.2"
    " oldstate=TCP_SYN_RECV newstate=TCP_ESTABLISHED"
)
IPV6 = (
    "           a b-9-77      [000] b.s4. 2000.123456789: inet_sock_set_state: family=AF_INET6"
    " protocol=IPPROTO_TCP sport=40000 dport=7 saddr=0.0.0.0 daddr=0.0.0.0 saddrv6=fd00::2"
    " daddrv6=fd00::1 oldstate=TCP_LAST_ACK newstate=TCP_CLOSE"
)
ADDRESSES = {"10.0.0.1", "10.0.0.2", "fd00::2"}


def events(*lines: str, addresses: Iterable[str] = ADDRESSES) -> list[dict[str, Any]]:
    return list(tracer.transitions(lines, set(addresses), since_1970=7))


def test_a_transition_of_an_ipv4_socket():
    assert events(SYN_SENT) == [
        {
            "t": 1_000_000_500_000 + 7,
            "kind": "state",
            "transport": "tcp",
            "local": "10.0.0.2:0",
            "foreign": "10.0.0.1:7",
            "old": "CLOSED",
            "new": "SYN_SENT",
            "source": "trace",
        }
    ]


def test_an_ipv4_client_of_an_ipv6_socket_is_written_as_ipv4():
    [event] = events(MAPPED)
    assert (event["local"], event["foreign"]) == ("10.0.0.1:7", "10.0.0.2:40000")
    assert (event["old"], event["new"]) == ("SYN_RCVD", "ESTABLISHED")


def test_an_ipv6_socket_with_nanoseconds():
    [event] = events(IPV6)
    assert event["t"] == 2_000_123_456_789 + 7
    assert (event["local"], event["foreign"]) == ("[fd00::2]:40000", "[fd00::1]:7")
    assert (event["old"], event["new"]) == ("LAST_ACK", "CLOSED")


def test_sockets_of_other_hosts_are_passed_over():
    assert events(SYN_SENT, MAPPED, addresses=["10.0.0.1"]) == events(MAPPED)


@pytest.mark.parametrize(
    ("what", "instead"),
    [
        ("IPPROTO_TCP", "IPPROTO_MPTCP"),
        ("inet_sock_set_state", "tcp_probe"),
        ("TCP_SYN_SENT", "TCP_NEW_STATE_OF_2040"),
        ("TCP_CLOSE", "TCP_OLD_STATE_OF_2040"),
        ("saddrv6=::ffff:10.0.0.2", "saddrv6=:::::"),
        ("daddrv6=::ffff:10.0.0.1", "daddrv6=1.2.3"),
        ("1000.000500", "1000.0005000000000"),
    ],
)
def test_a_line_that_says_something_else(what: str, instead: str):
    assert events(SYN_SENT.replace(what, instead)) == []


def test_what_the_kernel_lost_is_no_event():
    assert events("CPU:1 [LOST 27 EVENTS]", "# tracer: nop", "") == []


@given(st.text())
def test_junk_is_passed_over(line: str):
    assert events(line) == []


@given(st.data())
def test_a_damaged_line_is_an_event_or_nothing(data: st.DataObject):
    line = data.draw(st.sampled_from([SYN_SENT, MAPPED, IPV6]))
    start = data.draw(st.integers(0, len(line)))
    end = data.draw(st.integers(start, len(line)))
    damaged = line[:start] + data.draw(st.text(max_size=5)) + line[end:]
    assert len(events(damaged, addresses=[*ADDRESSES, "02:00:00:00:00:01"])) <= 1


def test_only_instances_whose_maker_is_gone_are_orphans(tmp_path: Path):
    ours = f"netlab-{os.getpid()}-{tracer._start_time(os.getpid())}"
    reused = f"netlab-{os.getpid()}-1"
    for name in (ours, reused, "netlab-4194305-1", "netlab-junk", "somebody-else"):
        (tmp_path / name).mkdir()
    removed = tracer.remove_orphans(tmp_path)
    assert sorted(removed) == sorted([reused, "netlab-4194305-1", "netlab-junk"])
    assert {path.name for path in tmp_path.iterdir()} == {ours, "somebody-else"}
