"""Deployments hung, or waited a fixed time for what was there (containerlab#3162, #1700)."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from netlab.testing.running import RunningCommand

pytestmark = pytest.mark.lab


def test_what_does_not_come_ends_at_its_deadline_with_a_reason(
    begin: Callable[..., RunningCommand],
):
    command = begin("{node: c1, exec: [sleep, '600'], within: 300ms}")
    began = time.monotonic()
    assert command.wait() == 1
    assert time.monotonic() - began < 30
    assert "still running after 0.3 s, killed" in command.said


def test_what_has_come_is_not_waited_for(begin: Callable[..., RunningCommand]):
    """Fifty steps, each after what the step before it set off."""
    step = "{request: {send: 10 bytes, receive: 10 bytes}, over: first}"
    command = begin(*[step] * 50, "{close: first}")
    assert command.wait() == 0, command.said
    events = (command.out / "events.jsonl").read_text().splitlines()
    assert sum('"op":"request"' in line for line in events) == 50
