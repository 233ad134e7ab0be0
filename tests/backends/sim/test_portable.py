from __future__ import annotations

import subprocess
import sys

_TRY = """
import asyncio, sys  # which load what this system has
before = set(sys.modules)
import netlab.backends.sim.loop, netlab.backends.sim.network
print(*sorted(set(sys.modules) - before))
"""

#: Modules that only some systems have, and those of netlab that need Linux.
_OF_LINUX = {"fcntl", "resource", "pwd", "grp", "termios", "netlab.linux", "netlab.apart"}


def test_virtual_time_needs_nothing_of_linux():
    ran = subprocess.run([sys.executable, "-c", _TRY], check=True, capture_output=True, text=True)
    loaded = set(ran.stdout.split())
    assert "netlab.stack.host" in loaded
    assert not loaded & _OF_LINUX
