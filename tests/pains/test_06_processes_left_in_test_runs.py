"""Test runs leave daemons and zombies, and the next run meets them (frr#13147, frr#11359)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netlab.testing.leftovers import Leftovers
from netlab.testing.running import RunningCommand

pytestmark = pytest.mark.lab

#: Leaves its session, its parent and its process group, as daemons do.
DAEMON = "{node: c1, exec: [sh, -c, 'setsid sleep 600 & setsid sh -c \"sleep 600 & exit\" &']}"


def test_daemons_end_with_their_lab(begin: Callable[..., RunningCommand], leftovers: Leftovers):
    commands = [begin(DAEMON, "{close: first}", out=f"out{number}") for number in range(3)]
    for command in commands:
        assert command.wait() == 0, command.said
    assert not leftovers.found()
