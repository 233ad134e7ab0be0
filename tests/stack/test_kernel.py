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

HERE = Path(__file__).parent


def in_a_namespace(script: str, *arguments: str) -> dict[str, Any]:
    """What a script of this folder prints, run as root of a network of its own."""
    for program in ("unshare", "nsenter", "ip"):
        if shutil.which(program) is None:
            pytest.skip(f"there is no {program} here")
    if subprocess.run(["unshare", "-Urn", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this kernel forbids user namespaces")
    done = subprocess.run(
        ["unshare", "-Urn", sys.executable, str(HERE / script), *arguments],
        env=os.environ | {"PYTHONPATH": str(Path(netlab.__file__).parents[1])},
        capture_output=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr.decode()
    result = json.loads(done.stdout)
    assert isinstance(result, dict)
    return result


@pytest.fixture(scope="module", params=["fast", "wire"])
def talk(request: pytest.FixtureRequest) -> dict[str, Any]:
    """``fast``: the veth pair takes segments of 64 KiB; ``wire``: the stack cuts and sums up."""
    return in_a_namespace("talk_to_kernel.py", request.param)


@pytest.fixture(scope="module")
def routed() -> dict[str, Any]:
    """A router of the stack between two namespaces of the kernel's."""
    return in_a_namespace("route_for_kernels.py")


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


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize(
    ("what", "heard"),
    [
        ("port", "ECONNREFUSED 1500"),
        ("hops", "EHOSTUNREACH 1500"),
        ("size", "EMSGSIZE 1300"),
        ("nobody", "EHOSTUNREACH 1500"),
        ("nowhere", "ENETUNREACH 1500"),
        ("transfer", "2000000"),
    ],
)
def test_sockets_of_the_kernel_hear_what_a_router_says(
    routed: dict[str, Any], version: int, what: str, heard: str
):
    """The errno, and the MTU of the path as the kernel knows it then."""
    assert routed[f"{what} {version}"] == heard


def test_the_kernel_believes_a_router_advertisement(routed: dict[str, Any]):
    assert "default via fe80::ff:fe00:100 dev ka proto ra" in routed["routes"]
    assert "inet6 fd99::" in routed["routes"]
