"""Hosts on one LAN, up and down: netlab, rootless and capturing, beside Mininet.

Rounds alternate, each in a fresh process; the best of each side counts. The clock starts when both
sides have loaded their code and know their topology.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent

_NETLAB = """
import asyncio, json, pathlib, sys, time
sys.path.insert(0, {root!r})
from netlab.backends.netns.backend import NetnsBackend
from netlab.topology.loading import load_text
hosts, folder = int(sys.argv[1]), pathlib.Path(sys.argv[2])
lan = "name: lan\\nnodes:\\n  h1..%d: {{}}\\nlinks:\\n  - {{lan: [h1..%d]}}\\n" % (hosts, hosts)
backend = NetnsBackend()
backend.warm()
plan = load_text(lan, "lan.yaml")

async def main():
    ready = []
    began = time.monotonic()
    await backend.up(plan, folder / "lab.pcapng", ready.append)
    up = time.monotonic() - began
    assert sum(event.get("status") == "ready" for event in ready) == hosts
    began = time.monotonic()
    await backend.down()
    print(json.dumps([up, time.monotonic() - began]))

asyncio.run(main())
"""

_MININET = """
import json, sys, time
from mininet.log import setLogLevel
from mininet.net import Mininet
from mininet.nodelib import LinuxBridge
from mininet.topo import SingleSwitchTopo
setLogLevel("error")
began = time.monotonic()
net = Mininet(SingleSwitchTopo(int(sys.argv[1])), switch=LinuxBridge, controller=None)
net.start()
up = time.monotonic() - began
began = time.monotonic()
net.stop()
print(json.dumps([up, time.monotonic() - began]))
"""


def netlab(hosts: int) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        program = _NETLAB.format(root=str(_ROOT))
        user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        return _measure(
            [
                *(user if os.geteuid() == 0 else []),
                *(sys.executable, "-c", program, str(hosts), folder),
            ]
        )


def mininet(hosts: int) -> tuple[float, float]:
    """With the distribution's Python, which has the distribution's Mininet."""
    return _measure(["/usr/bin/python3", "-c", _MININET, str(hosts)])


def _measure(argv: list[str]) -> tuple[float, float]:
    done = subprocess.run(
        argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True
    )
    up, down = json.loads(done.stdout.splitlines()[-1])
    return up, down


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    ours, theirs = [], []
    has_mininet = shutil.which("mn") is not None and os.geteuid() == 0
    for _ in range(arguments.rounds):
        ours.append(netlab(arguments.hosts))
        if has_mininet:
            theirs.append(mininet(arguments.hosts))
    if not has_mininet:
        print("Mininet is not measured: it is not installed, or this is not root")
    print(f"{arguments.hosts} hosts, best of {arguments.rounds}        up     down")
    up, down = (min(column) for column in zip(*ours, strict=True))
    print(f"netlab (rootless, capturing) {up:7.2f} s {down:7.2f} s")
    if theirs:
        their_up, their_down = (min(column) for column in zip(*theirs, strict=True))
        print(f"Mininet                      {their_up:7.2f} s {their_down:7.2f} s")
        print(f"times faster                 {their_up / up:7.1f}   {their_down / down:7.1f}")


if __name__ == "__main__":
    main()
