"""A router of a real lab sends segments into a connection of kernels, over both versions of IP."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from netlab.testing.commands import Outcome

pytestmark = pytest.mark.lab

LAB = """\
name: injections
nodes:
  client: {role: client}
  r1: {role: router}
  server:
    role: server
    services: [{echo: tcp/7}, {discard: [tcp/9, udp/9]}]
    sysctls: {net.ipv4.tcp_invalid_ratelimit: 0}  # it answers each
links: [client -- r1, r1 -- server]
scenario:
  - {node: client, connect: tcp server:7, as: accepted}
  - {request: {send: 10 bytes, receive: 10 bytes}, over: accepted}
  - {node: r1, inject: {segment: psh ack, to: client, about: accepted, data: hello}}
  - {receive: {text: hello}, over: accepted, within: 5s}
  - {node: client, connect: tcp6 server:7, as: six}
  - {request: {send: 10 bytes, receive: 10 bytes}, over: six}
  - {node: r1, inject: {segment: psh ack, to: client, about: six, data: world}}
  - {receive: {text: world}, over: six, within: 5s}
  - {node: client, connect: tcp server:7, as: refused}
  - {request: {send: 10 bytes, receive: 10 bytes}, over: refused}
  - {node: r1, inject: {segment: ack, to: server, about: refused, seq: +1000000, data: 5 bytes}}
  - {node: r1, inject: {segment: ack, to: server, about: refused, timestamp: -1000, data: early}}
  - {request: {send: 10 bytes, receive: 10 bytes}, over: refused}
  - {node: client, connect: tcp server:7, as: ended}
  - {request: {send: 10 bytes, receive: 10 bytes}, over: ended}
  - {node: r1, inject: {segment: rst, to: client, about: ended}}
  - {receive: 1 byte, over: ended, within: 5s}
  - {node: client, connect: tcp server:9, as: again}
  - {send: 100 bytes, over: again}
  - {node: r1, inject: {replay: tcp.len > 0, about: again}}
  - {node: client, connect: udp server:9, as: u}
  - {send: 10 bytes, over: u}
  - {node: r1, inject: {replay: udp, about: u}}
expect:
  - {received: {accepted: 15 bytes, six: 15 bytes, refused: 20 bytes}}
  - {errno: {ended: ECONNRESET, refused: none, again: none}}
  - packets: [src.node == r1 and tcp.seq == 1000011, src.node == server and tcp.ack == 11]
    over: refused
  - packets: [src.node == r1 and data contains early, src.node == server and tcp.ack == 11]
    over: refused
  - {packets: src.node == client and tcp.len == 100, over: again, at: server, count: 1}
  - {packets: src.node == r1 and tcp.len == 100, over: again, at: server, count: 1}
  - {packets: udp, over: u, at: server, count: 2}
"""


@pytest.fixture(scope="module")
def outcome(run_lab: Callable[[str], Outcome]) -> Outcome:
    return run_lab(LAB)


def test_kernels_take_them_for_the_other_ends(outcome: Outcome) -> None:
    assert outcome.exit_code == 0, str(outcome)


def test_the_run_tells_each(outcome: Outcome) -> None:
    lines = (outcome.folder / "events.jsonl").read_text().splitlines()
    events: list[dict[str, Any]] = [
        event for event in map(json.loads, lines) if event["kind"] == "injected"
    ]

    assert [(event["conn"], event.get("seq"), event["len"]) for event in events] == [
        ("accepted", 11, 5),
        ("six", 11, 5),
        ("refused", 1000011, 5),
        ("refused", 11, 5),
        ("ended", 11, 0),
        ("again", 1, 100),
        ("u", None, 10),
    ]
    assert {event["node"] for event in events} == {"r1"}


def test_ladders_say_who_sent_them(outcome: Outcome) -> None:
    report = json.loads((outcome.folder / "report.json").read_text())

    found = {
        connection["name"]: ["injected by r1" in each["notes"] for each in connection["packets"]]
        for connection in report["connections"]
    }
    assert {name: sum(marks) for name, marks in found.items()} == {
        "accepted": 1,
        "six": 1,
        "refused": 2,
        "ended": 1,
        "again": 1,
        "u": 1,
    }
