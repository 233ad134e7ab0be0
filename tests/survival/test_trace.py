"""The kernel's own report of TCP states, which names no network namespace."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import pytest

from netlab.testing.running import RunningCommand

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may read the kernel's trace events"),
]

Start = Callable[..., RunningCommand]


def states(command: RunningCommand) -> list[dict[str, Any]]:
    lines = (command.out / "events.jsonl").read_text().splitlines()
    return [event for event in map(json.loads, lines) if event["kind"] == "state"]


def test_two_labs_with_the_same_addresses_are_not_mixed(start: Start):
    one = start(pause="1s", out="one", source=1500)
    other = start(pause="1s", out="other", source=1600)
    for command, port, foreign_port in ((one, 1500, 1600), (other, 1600, 1500)):
        assert command.wait() == 0, command.said
        exact = [event for event in states(command) if event["source"] == "trace"]
        own = [event for event in exact if f":{port}" in event["local"] + event["foreign"]]
        assert {event["node"] for event in own} == {"c1", "server"}
        report = (command.out / "report.json").read_text()
        assert [each["name"] for each in json.loads(report)["connections"]] == ["first"]
        assert f":{foreign_port}" not in report
