"""What plays labs in virtual time loads on systems that are not Linux."""

from __future__ import annotations

import subprocess
import sys

#: Modules that only some systems have, and those of netlab that need Linux.
_TRY = """
import sys

NOT_HERE = {
    *("fcntl", "resource", "pwd", "grp", "termios", "netlab.linux", "netlab.apart"),
    *("netlab.collect.netlink", "netlab.collect.ring", "netlab.fabric.device"),
}

class NotHere:
    def find_spec(self, name, path=None, target=None):
        if name in NOT_HERE:
            raise ImportError(f"there is no {name}")

sys.meta_path.insert(0, NotHere())
import netlab.backends.sim.backend, netlab.cli.run, netlab.lab, netlab.record, netlab.runs
print(*sorted(sys.modules))
"""


def test_virtual_time_needs_nothing_of_linux():
    ran = subprocess.run([sys.executable, "-c", _TRY], capture_output=True, text=True, check=False)
    assert not ran.stderr
    assert "netlab.stack.host" in ran.stdout.split()
