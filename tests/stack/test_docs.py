"""docs/stack.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import netlab
from netlab.stack import sysctls
from netlab.stack.ip import icmp_errors, interface, neighbours, pmtu, reassembly, routers, routes
from netlab.stack.udp import socket
from netlab.stack.units import SECOND
from netlab.wire.packet import decode

PAGE = (Path(netlab.__file__).parents[1] / "docs" / "stack.md").read_text()

EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_the_example_sends_an_arp_request():
    names: dict[str, Any] = {}
    exec(EXAMPLES[0], names)
    assert [name for name, frame in names["frames"] if decode(frame).arp] == ["eth0"]


def test_the_examples_of_programs_play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    lab = (
        "name: a-lab\nnodes: {c1: {role: client}, server: {role: server}}\nlinks: [c1 -- server]\n"
    )
    (tmp_path / "lab.yaml").write_text(lab)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for example in EXAMPLES[1:]:
        exec(example, names)
    assert names["answer"] == b"hello"
    assert len(names["capture"].getvalue()) > 1000
    assert b"lab.yaml" in names["page"]


@pytest.mark.parametrize(
    ("row", "numbers"),
    [
        ("neighbours of an interface", (neighbours.MAX_NEIGHBOURS, neighbours.MAX_UNKNOWN)),
        ("packets that wait for one neighbour", (neighbours.MAX_WAITING,)),
        (
            "incomplete datagrams of a version of IP",
            (reassembly.MAX_INCOMPLETE, reassembly.MEMORY_LIMIT >> 20),
        ),
        (
            "how long fragments wait",
            (reassembly.TIMEOUT_V4 // SECOND, reassembly.TIMEOUT_V6 // SECOND),
        ),
        ("path MTUs", (pmtu.MAX_PATHS,)),
        ("redirects", (routes.MAX_REDIRECTS, routes.REDIRECT_LIFETIME // SECOND)),
        (
            "ICMP errors",
            (
                icmp_errors.ONE_HOST_RATE,
                icmp_errors.ONE_HOST_BURST,
                icmp_errors.ALL_HOSTS_RATE,
                icmp_errors.ALL_HOSTS_BURST,
            ),
        ),
        ("frames in an interface's queue", (interface.QUEUE_LIMIT,)),
        ("entries of an error queue", (socket.MAX_ERRORS,)),
        (
            "addresses and routes from advertisements",
            (interface.MAX_ADDRESSES, routers.MAX_ROUTES),
        ),
    ],
)
def test_the_limits_are_those_of_the_code(row: str, numbers: tuple[int, ...]):
    (line,) = [line for line in PAGE.splitlines() if line.startswith(f"| {row} |")]
    plain = line.replace("(IPv4)", "").replace("(IPv6)", "")
    assert tuple(map(int, re.findall(r"\d+", plain))) == numbers


def test_the_sysctls_are_those_of_the_code():
    section = PAGE.split("## Sysctls")[1].split("\n## ")[0]
    prefix, listed = "", set[str]()
    for row in section.splitlines():
        cells = row.split("|")
        if len(cells) == 4:
            prefix = next(iter(re.findall(r"`(net\.\S+)`", cells[1])), prefix)
            listed |= {prefix + word for word in re.findall(r"`(\S+)`", cells[2])}
    assert listed == set(sysctls.SETTINGS)
