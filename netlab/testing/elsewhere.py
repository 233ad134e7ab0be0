"""Other machines, as far as Python shows them: not Linux, or stalled ever again."""

from __future__ import annotations

#: Python that takes away what only Linux has, and those modules of netlab that need it.
ELSEWHERE = """
import asyncio, os, socket, subprocess, sys

NOT_HERE = {
    *("fcntl", "resource", "pwd", "grp", "termios", "netlab.linux", "netlab.apart"),
    *("netlab.collect.netlink", "netlab.collect.ring", "netlab.fabric.device"),
}

class NotHere:
    def find_spec(self, name, path=None, target=None):
        if name in NOT_HERE:
            raise ImportError(f"there is no {name}")

sys.meta_path.insert(0, NotHere())
for name in NOT_HERE:
    sys.modules.pop(name, None)
for name in ("AF_PACKET", "AF_NETLINK", "SOCK_CLOEXEC"):
    delattr(socket, name)
for name in ("fork", "geteuid", "getuid", "setns", "unshare", "pidfd_open", "memfd_create"):
    if hasattr(os, name):
        delattr(os, name)
sys.platform = "darwin"
"""

#: Python on a machine where others have the processor each time somebody is about to read a clock,
#: for a fifth of a second on the average.
STALLED = """
import random, sys, time

CHANCES, STALLS = random.Random(7), [0.0]

def stalled(clock, unit):
    def read():
        STALLS[0] += CHANCES.expovariate(5)
        now = clock()
        return now + type(now)(STALLS[0] * unit)
    return read

for name in ("monotonic", "perf_counter", "time"):
    setattr(time, name, stalled(getattr(time, name), 1))
    setattr(time, f"{name}_ns", stalled(getattr(time, f"{name}_ns"), 1_000_000_000))
"""
