"""Cleaning up flushed the host's addresses, or killed processes by name (core#500, frr#8540)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

from netlab.testing.running import RunningCommand

pytestmark = pytest.mark.lab


def host_network() -> list[str]:
    """Addresses, routes and links, without what only passes time."""
    asked = (["address"], ["route"], ["-6", "route"], ["link"])
    shown = [
        subprocess.run(["ip", "-o", *each], capture_output=True, text=True, check=True).stdout
        for each in asked
    ]
    return [line for text in shown for line in text.splitlines() if "valid_lft" not in line]


def test_gc_and_a_crash_touch_nothing_of_others(
    begin: Callable[..., RunningCommand],
    netlab: Callable[..., subprocess.CompletedProcess[str]],
):
    before = host_network()
    like_ours = [
        sys.executable,
        "-c",
        "import time; time.sleep(60)",
        "netlab.backends.netns.holder",
    ]
    with subprocess.Popen(like_ours) as stranger:
        beside = begin("{pause: 1s}", out="beside")
        crashed = begin("{pause: 30s}", out="crashed")
        crashed.wait_for_step(2)
        os.kill(crashed.pid, signal.SIGKILL)
        crashed.wait()
        assert netlab("gc").returncode == 0
        assert beside.wait() == 0, beside.said
        assert stranger.poll() is None
        stranger.kill()
    assert host_network() == before
