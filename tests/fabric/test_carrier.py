"""Links of a namespace that the test makes: one has both ends up, one only one.

A bridge whose only port has no carrier has none either, and nobody has to wait for it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import netlab

pytestmark = pytest.mark.lab

WAITS = """
import json, subprocess
from netlab.fabric import carrier

def ip(*words):
    subprocess.run(["ip", *words], check=True)

for left, right in (("one", "two"), ("alone", "dark")):
    ip("link", "add", "name", left, "type", "veth", "peer", "name", right)
ip("link", "set", "one", "up")
ip("link", "set", "two", "up")
both = carrier.wait({"one", "two"}, within=10)
ip("link", "set", "alone", "up")
ip("link", "add", "name", "lan", "type", "bridge")
ip("link", "set", "lan", "up")
ip("link", "set", "alone", "master", "lan")
print(json.dumps([both, carrier.wait({"alone", "dark"}, within=0.05), carrier.wait(within=0.05)]))
"""


def test_what_is_up_at_one_end_only_is_named() -> None:
    done = subprocess.run(
        ["unshare", "-Urn", sys.executable, "-c", WAITS],
        env={
            "PYTHONPATH": str(Path(netlab.__file__).parents[1]),
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        },
        capture_output=True,
        check=False,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [[], ["alone"], ["alone"]]
