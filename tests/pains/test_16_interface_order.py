"""Which interface is eth0 changes from run to run.

moby/moby#25181, #20067; docker/compose#4645; quic-go/connect-ip-go#43.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netlab.testing import commands
from netlab.testing.leftovers import Leftovers

pytestmark = pytest.mark.lab

LAB = """
name: order
nodes:
  hub: {interfaces: {b: {}, a: {}}}
  n1..6: {}
links:
  - n1 -- hub
  - n2 -- hub:a
  - n3 -- hub
  - n4 -- hub:b
  - {lan: [n5, n6, hub]}
scenario:
  - {node: hub, exec: "ip -o link show up | cut -d: -f2,3 ; ip -o addr | cut -c4-60", as: show}
  - {restart: hub}
  - {node: hub, exec: "ip -o link show up | cut -d: -f2,3 ; ip -o addr | cut -c4-60", as: again}
"""


def test_names_macs_and_addresses_are_those_of_the_file_every_time(tmp_path: Path) -> None:
    shown = [run(LAB, tmp_path / str(number)) for number in range(3)]

    assert len({text for texts in shown for text in texts}) == 1, shown
    names = [line.split("@")[0].strip() for line in shown[0][0].splitlines() if "@" in line]
    assert sorted(names) == ["a", "b", "eth0", "eth1", "eth2"]


def run(text: str, folder: Path) -> list[str]:
    """What the two programs have printed."""
    folder.mkdir()
    (folder / "temporary").mkdir()
    outcome = commands.run_lab(text, folder, Leftovers(folder / "temporary").environment)
    assert outcome.exit_code == 0, str(outcome)
    events = map(json.loads, (outcome.folder / "events.jsonl").read_text().splitlines())
    return [event["output"] for event in events if event["kind"] == "program"]
