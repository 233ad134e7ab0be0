"""Numbered datagrams over an impaired link of a real lab, and what became of each."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from netlab.testing.commands import Outcome, run_lab
from netlab.wire import pcapng

#: Only the first waits for the server's link-layer address: a kernel that has none drops what is
#: too much, and what it held back mixes with later datagrams on another processor.
_SENDER = """\
import pathlib, socket, sys, time
count, size, pause = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
s.connect(("server", 9))

def send(number):
    s.send(number.to_bytes(4, "big").ljust(size, b"."))

send(0)
while " 0x2 " not in pathlib.Path("/proc/net/arp").read_text():
    time.sleep(0.0002)
start = time.monotonic()
for number in range(1, count):
    send(number)
    while time.monotonic() < start + number * pause:
        time.sleep(0.0002)
"""

#: Bytes of Ethernet, IPv4 and UDP in front of a datagram's number.
_HEADERS = 14 + 20 + 8


@dataclass(frozen=True, slots=True)
class Passage:
    """A datagram's times in ns, as both captures have them; None when it never came."""

    sent: int
    received: int | None


@dataclass(frozen=True, slots=True)
class Flood:
    """``passages`` are by the sender's numbers, whatever a clock that is set makes of the times."""

    outcome: Outcome
    passages: tuple[Passage, ...]

    @property
    def lost(self) -> tuple[int, ...]:
        """The numbers of the datagrams that never came."""
        return tuple(n for n, passage in enumerate(self.passages) if passage.received is None)

    @property
    def delays(self) -> list[float]:
        """Milliseconds, shortest first."""
        return sorted((p.received - p.sent) / 1e6 for p in self.passages if p.received)

    @property
    def engine(self) -> str:
        engine: str = self.report["impaired"][0]["engine"]
        return engine

    @property
    def report(self) -> dict[str, list[dict[str, str]]]:
        report: dict[str, list[dict[str, str]]] = json.loads(
            (self.outcome.folder / "report.json").read_text()
        )
        return report


def flood(
    folder: Path, link: str, *, count: int, size: int = 100, pause: float = 0.001, seed: int = 7
) -> Flood:
    """Send ``count`` datagrams of ``size`` bytes, ``pause`` seconds apart.

    ``link`` is what the link's mapping has besides its ends.
    """
    folder.mkdir(exist_ok=True)
    program = json.dumps([sys.executable, "-c", _SENDER, str(count), str(size), str(pause)])
    text = f"""\
        name: flood
        seed: {seed}
        nodes:
          client: {{role: client}}
          server: {{role: server, services: [{{discard: udp/9}}]}}
        links:
          - {{ends: [client, server], {link}}}
        scenario:
          - {{node: client, exec: {program}, within: 30s}}
        """
    outcome = run_lab(dedent(text), folder, os.environ)
    assert outcome.exit_code == 0, str(outcome)
    passages = dict(_passages(outcome.folder))
    assert sorted(passages) == list(range(count)), "the client's capture has not all datagrams"
    return Flood(outcome, tuple(passages[number] for number in range(count)))


def _passages(folder: Path) -> Iterator[tuple[int, Passage]]:
    report = json.loads((folder / "report.json").read_text())
    (connection,) = report["connections"]
    with (folder / "lab.pcapng").open("rb") as file:
        frames = [block.data for block in pcapng.read(file) if isinstance(block, pcapng.Frame)]
    for packet in connection["packets"]:
        payload = frames[packet["frames"][0] - 1][_HEADERS:]
        if packet["sent"] is not None:
            yield int.from_bytes(payload[:4], "big"), Passage(packet["sent"], packet["received"])
