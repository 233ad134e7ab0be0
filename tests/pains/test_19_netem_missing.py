"""netem is missing or wrong: no module, a hidden limit of 1,000 packets, stalls behind tbf.

chaosblade-io/chaosblade#819; microsoft/WSL#6065, #8584; iproute2/iproute2#56;
firezone/firezone#13839; thombashi/tcconfig#170; sandia-minimega/minimega#752; mininet/mininet#729.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from netlab.testing.commands import Outcome, run_lab
from netlab.testing.flood import flood

pytestmark = pytest.mark.lab

LAB = """
name: without
nodes:
  c1: {role: client}
  server: {role: server, services: [{echo: udp/7}]}
links:
  - {ends: [c1, server], impair: {delay: 10ms}%s}
  - {ends: [c1, server], faults: [{drop: udp, nth: 1, way: "->"}]%s}
scenario:
  - {node: c1, connect: udp server.eth0:7, as: slow}
  - {request: {send: 1 byte, receive: 1 byte}, over: slow}
  - {node: c1, connect: udp server.eth1:7, as: exact}
  - {send: one, over: exact}
  - {request: {send: two, receive: 3 bytes}, over: exact}
expect:
  - {delay: udp, over: slow, between: [9.5ms, 80ms]}
  - {packets: data == "two", over: exact, at: server}
  - {never: data == "one", at: server}
"""


@pytest.fixture
def bare() -> Iterator[dict[str, str]]:
    """The environment of a machine that has `ip`, and neither `tc` nor `nft`."""
    with TemporaryDirectory() as programs:
        Path(programs).chmod(0o755)  # a lab's root is nobody outside it
        (Path(programs) / "ip").symlink_to(shutil.which("ip") or "/sbin/ip")
        yield {**os.environ, "PATH": programs}


def run(text: str, folder: Path, environment: dict[str, str]) -> Outcome:
    folder.mkdir()
    return run_lab(text, folder, environment)


def test_a_lab_needs_neither_netem_nor_tc_nor_nft(tmp_path: Path, bare: dict[str, str]) -> None:
    outcome = run(LAB % ("", ""), tmp_path / "lab", bare)

    assert outcome.exit_code == 0, str(outcome)
    report = " ".join((outcome.folder / "report.txt").read_text().split())
    assert "emulator: not nft: the program nft is missing (install nftables)" in report


@pytest.mark.parametrize(
    ("rests", "engine"), [((", engine: netem", ""), "netem"), (("", ", engine: nft"), "nft")]
)
def test_an_engine_that_is_asked_for_and_missing_is_named(
    tmp_path: Path, bare: dict[str, str], rests: tuple[str, str], engine: str
) -> None:
    outcome = run(LAB % rests, tmp_path / "lab", bare)

    assert outcome.exit_code == 3
    assert f"asks for {engine}, which this machine does not have" in outcome.errors
    assert f"leave 'engine: {engine}' out" in outcome.errors


def test_no_hidden_limit_drops_packets_that_are_under_way(tmp_path: Path) -> None:
    seen = flood(tmp_path, "impair: {delay: 500ms}", count=2500, pause=0.0001)

    assert seen.lost == ()
    assert seen.delays[0] >= 499.9
