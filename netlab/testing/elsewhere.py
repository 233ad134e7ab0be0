"""Other systems than Linux, as far as Python shows it."""

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
