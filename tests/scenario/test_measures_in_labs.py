"""Expectations about real packets: what the kernel does on links that are slow or damage."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from netlab.cli import main

pytestmark = pytest.mark.lab

Running = Callable[[str], Result]


@pytest.fixture
def run(tmp_path: Path) -> Running:
    def run(text: str) -> Result:
        file = tmp_path / "lab.yaml"
        file.write_text(text)
        return CliRunner().invoke(main, ["run", str(file), "--out", str(tmp_path / "out")])

    return run


LOSSY = """\
name: lossy
seed: 3
observe: {tcp_info: 5ms}
nodes:
  client: {role: client}
  server: {role: server, services: [{discard: tcp/9}]}
links:
  - {ends: [client, server], name: link, impair: {"->": {delay: 10ms, loss: 3%, rate: 10 Mbit/s}}}
scenario:
  - {node: client, connect: tcp server:9, as: talk}
  - {send: 400000 bytes, over: talk}
  - {close: talk}
expect:
  - {states: {talk: [FIN_WAIT_1]}, after: talk established}
  - {metric: {talk: [retransmissions >= 1, max cwnd >= 10, min srtt >= 10ms]}}
  - {lost: {at: link, what: tcp, way: "->"}, count: ">= 1"}
  - {lost: {at: link, what: tcp, way: "<-"}, count: 0}
  - {survived: {at: link, what: tcp, way: "->"}, count: ">= 250"}
  - {delay: tcp and src.node == client, at_least: 10ms}
  - {time: {from: tcp.flags.syn, to: tcp.flags.syn and tcp.flags.ack, at: client}, at_least: 10ms}
  - {rate: {of: tcp and src.node == client, at: server}, under: 10.5 Mbit/s}
  - {never: tcp.flags.rst}
"""


def test_a_link_that_loses_and_is_slow(run: Running) -> None:
    done = run(LOSSY)
    assert done.exit_code == 0, done.output


def test_the_same_on_a_link_that_does_neither(run: Running) -> None:
    text = LOSSY.replace("delay: 10ms, loss: 3%, rate: 10 Mbit/s", "delay: 0ms")
    for asked, what_no_busy_machine_does in (
        ("at_least: 10ms", "at_least: 5s"),
        ("srtt >= 10ms", "srtt >= 5s"),
        ("under: 10.5 Mbit/s", "under: 10 kbit/s"),
    ):
        text = text.replace(asked, what_no_busy_machine_does)
    done = run(text)

    assert done.exit_code == 1
    failed = {line for line in done.output.splitlines() if line.startswith("FAIL")}
    assert failed >= {
        "FAIL  talk: min srtt >= 5s",
        "FAIL  tcp lost at link ->, count >= 1",
        "FAIL  each tcp and src.node == client on its way at least 5s",
        "FAIL  from tcp.flags.syn to tcp.flags.syn and tcp.flags.ack, at client: at least 5s",
        "FAIL  rate of tcp and src.node == client, at server: under 10 kbit/s",
    }


CROWD = """\
name: crowd
nodes:
  client: {role: client}
  server: {role: server, services: [{echo: tcp/7, model: epoll}]}
links: [client -- server]
scenario:
  - node: client
    many: {connect: tcp server:7, count: 50, send: 9 bytes, receive: 9 bytes}
    as: crowd
expect:
  - {connections: {of: crowd, without: tcp.flags.rst}, count: 50}
  - {connections: {to: server:7, state: ESTABLISHED}, count: 50}
  - {connections: {of: crowd, state: ESTABLISHED, at: crowd established}, count: ">= 1"}
  - {operations: {of: crowd, op: connect, failed: true}, count: 0}
  - {operations: {of: crowd, op: request}, count: 50, took: {p50: < 5s, max: < 10s}}
  - {metric: {crowd: bytes == 9 bytes}}
"""


def test_many_connections(run: Running) -> None:
    done = run(CROWD)
    assert done.exit_code == 0, done.output


def test_many_connections_to_nobody(run: Running) -> None:
    done = run(CROWD.replace("many: {connect: tcp server:7", "many: {connect: tcp server:8"))
    assert done.exit_code == 1
    assert "it came to: 50 connect ECONNREFUSED" in done.output
    assert "50 with tcp.flags.rst, such as crowd." in done.output
