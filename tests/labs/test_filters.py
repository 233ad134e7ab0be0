"""Filters of routers and hosts in a real lab: what vanishes, what is answered, what is counted."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from netlab.testing import commands
from netlab.testing.commands import Outcome

pytestmark = pytest.mark.lab

LAB = """\
name: filters
nodes:
  client: {role: client, filters: [{drop: udp.dstport == 99, on: output}]}
  r1:
    role: router
    filters:
      - {reject: tcp.dstport == 80, with: icmp 3/6}
      - {reject: tcp.dstport == 81, with: icmp 12/0}
      - {reject: tcp.dstport == 82}
      - {reject: tcp.dstport == 83, with: rst}
      - {reject: tcp.dstport == 84, with: icmpv6 4/1}
      - {reject: udp.dstport == 85 and ip.len > 700, with: icmp 3/4, mtu: 700}
  server:
    role: server
    services: [{echo: [tcp/7, udp/85]}]
    filters: [{drop: tcp.dstport == 86, on: input}]
links: [client -- r1, r1 -- server]
scenario:
  - {node: client, connect: tcp server:80, as: native}
  - {node: client, connect: tcp server:81, as: ours}
  - {node: client, connect: tcp server:82, as: usual}
  - {node: client, connect: tcp6 server:82, as: usual6}
  - {node: client, connect: tcp server:83, as: reset}
  - {node: client, connect: tcp6 server:84, as: ours6}
  - {node: client, connect: udp server:85, as: long}
  - {send: 1000 bytes, over: long}
  - {receive: datagram, over: long, within: 2s}
  - {node: client, connect: udp server:99, as: own}
  - {send: 1 byte, over: own}
  - {node: client, connect: tcp server:7, as: first}
  - {node: r1, filter: {drop: tcp}, for: 150ms}
  - {request: {send: 200 bytes, receive: 200 bytes}, over: first}
  - {node: r1, filter: none}
  - {node: client, connect: tcp server:80, as: free}
expect:
  - errno:
      native: ENETUNREACH
      ours: EPROTO
      usual: EHOSTUNREACH
      usual6: EACCES
      reset: ECONNREFUSED
      ours6: EPROTO
      long: EMSGSIZE
      own: EPERM
      free: ECONNREFUSED
      first: none
  - {packets: icmp.code == 4 and icmp.mtu == 700 and icmp.quoted.udp.dstport == 85, count: 1}
  - {packets: src.node == server and tcp.srcport == 80 and tcp.flags.rst, count: 1}
"""


@pytest.fixture(scope="module")
def outcome(run_lab: Callable[[str], Outcome]) -> Outcome:
    return run_lab(LAB)


def filter_events(outcome: Outcome) -> list[dict[str, Any]]:
    lines = (outcome.folder / "events.jsonl").read_text().splitlines()
    return [event for event in map(json.loads, lines) if event["kind"] == "filter"]


def test_senders_hear_what_the_filters_answer(outcome: Outcome) -> None:
    assert outcome.exit_code == 0, str(outcome)


def test_each_filter_counts_what_it_has_stopped(outcome: Outcome) -> None:
    counts = {
        event["filter"]: event["packets"]
        for event in filter_events(outcome)
        if event["status"] in {"removed", "counted"}
    }

    # An error that arrives while connect has the socket is only noted, and the SYN sent again.
    assert counts["reject tcp.dstport == 80 with icmp 3/6"] >= 1
    assert counts["reject tcp.dstport == 81 with icmp 12/0"] >= 1
    assert counts["reject tcp.dstport == 82"] >= 2
    assert counts["reject tcp.dstport == 84 with icmpv6 4/1"] >= 1
    assert counts["reject udp.dstport == 85 and ip.len > 700 with icmp 3/4 MTU 700"] == 1
    assert counts["drop udp.dstport == 99 on output"] == 1
    assert counts["drop tcp"] >= 1
    assert counts["drop tcp.dstport == 86 on input"] == 0


def test_the_report_says_so(outcome: Outcome) -> None:
    report = (outcome.folder / "report.txt").read_text()
    assert "r1  reject tcp.dstport == 81 with icmp 12/0: stopped " in report
    assert "client  drop udp.dstport == 99 on output: stopped 1 packet\n" in report
    assert "Packet filters" in (outcome.folder / "report.html").read_text()


@pytest.fixture
def only_ip() -> Iterator[Path]:
    """A folder with the program `ip` alone, for anybody: root's labs run as somebody else."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "ip").symlink_to(str(shutil.which("ip")))
        yield folder


def test_a_machine_without_nft_is_told_what_to_install(only_ip: Path, tmp_path: Path) -> None:
    outcome = commands.run_lab(LAB, tmp_path, {**os.environ, "PATH": str(only_ip)})

    assert outcome.exit_code == 3
    assert "the program `nft` is missing, which filters packets" in outcome.errors
    assert "install nftables" in outcome.errors
