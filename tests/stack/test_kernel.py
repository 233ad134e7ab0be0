"""The Linux kernel at the other end of the link."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import netlab

pytestmark = pytest.mark.lab

TALK = Path(__file__).with_name("talk_to_kernel.py")


@pytest.fixture(scope="module", params=["fast", "wire"])
def talk(request: pytest.FixtureRequest) -> dict[str, Any]:
    """``fast``: the veth pair takes segments of 64 KiB; ``wire``: the stack cuts and sums up."""
    for program in ("unshare", "ip"):
        if shutil.which(program) is None:
            pytest.skip(f"there is no {program} here")
    if subprocess.run(["unshare", "-Urn", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this kernel forbids user namespaces")
    done = subprocess.run(
        ["unshare", "-Urn", sys.executable, str(TALK), request.param],
        env=os.environ | {"PYTHONPATH": str(Path(netlab.__file__).parents[1])},
        capture_output=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr.decode()
    result = json.loads(done.stdout)
    assert isinstance(result, dict)
    return result


@pytest.mark.parametrize("version", [4, 6])
def test_they_understand_each_other(talk: dict[str, Any], version: int):
    assert talk[f"ping {version}"]
    assert talk[f"short datagrams {version}"]
    assert talk[f"long datagrams {version}"]
    assert talk[f"kernel connects {version}"]
    assert talk[f"stack connects {version}"]


@pytest.mark.parametrize("version", [4, 6])
def test_each_hears_of_the_others_dead_ports(talk: dict[str, Any], version: int):
    assert talk[f"kernel hears {version}"] == "ECONNREFUSED"
    assert talk[f"stack hears {version}"] == "ECONNREFUSED"


def test_no_checksum_of_the_kernels_was_wrong(talk: dict[str, Any]):
    assert talk["wrong checksums"] == 0
