"""What plays labs in virtual time loads on systems that are not Linux."""

from __future__ import annotations

import subprocess
import sys

from netlab.testing.elsewhere import ELSEWHERE

_TRY = f"""
{ELSEWHERE}
import netlab.agent.userspace.blocking.installed
import netlab.backends.sim.backend, netlab.cli.run, netlab.lab, netlab.record, netlab.runs
print(*sorted(sys.modules))
"""


def test_virtual_time_needs_nothing_of_linux():
    ran = subprocess.run([sys.executable, "-c", _TRY], capture_output=True, text=True, check=False)
    assert not ran.stderr
    assert "netlab.stack.host" in ran.stdout.split()
