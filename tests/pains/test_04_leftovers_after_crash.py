"""A lab tool that crashes leaves interfaces and processes which stop the next run (mininet#1174).

Fifty random moments: tests/survival/test_sigkill.py.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from netlab.testing.leftovers import Leftovers
from netlab.testing.running import RunningCommand

pytestmark = pytest.mark.lab


def test_the_same_lab_runs_again_at_once(
    begin: Callable[..., RunningCommand], leftovers: Leftovers
):
    crashed = begin("{pause: 30s}")
    crashed.wait_for_step(2)
    os.kill(crashed.pid, signal.SIGKILL)
    assert crashed.wait() == -signal.SIGKILL
    assert begin("{close: first}").wait() == 0
    assert not leftovers.found()
