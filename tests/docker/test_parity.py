"""Every shipped lab shows the same on an engine as in this machine's namespaces."""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path

import pytest

from netlab import record, shipped
from netlab.folder import RunFolder
from netlab.testing.engine import Containers
from netlab.testing.exchange import exchange

pytestmark = pytest.mark.docker

#: Labs whose hosts say what they say at any speed. Left out are those that lose packets or fill
#: buffers, those whose ACKs go with data when it is there in time, those that send datagrams
#: without waiting for answers to those before, and those that end while their hosts still speak.
AT_ANY_SPEED = (
    "apps/ping-traceroute",
    "ip/df",
    "ip/fragment-v4",
    "ip/headers",
    "ip/limits",
    "ip/mss",
    "ip/nd",
    "ip/redirect",
    "ip/ttl",
    "sockets/bind-one-address",
    "tcp/handshake",
    "tcp/keepalive-user-timeout",
    "tcp/observed",
    "tcp/options",
    "udp/output",
    "udp/unreachable",
)

_RUNS = 4


@pytest.mark.parametrize("lab", shipped.names())
def test_all_facts_of_a_lab_are_shown_by_containers(
    lab: str, containers: Containers, tmp_path: Path
):
    done = containers.run("run", lab, "--backend", "docker", "--out", tmp_path / "out")

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.lab
@pytest.mark.parametrize("lab", AT_ANY_SPEED)
def test_the_same_packets_pass_every_interface(lab: str, containers: Containers, tmp_path: Path):
    """In one run of several: on a busy machine a kernel sends again what was only late."""
    told: dict[str, list[list[str]]] = {"netns": [], "docker": []}
    for number in range(_RUNS):
        for backend, runs in told.items():
            folder = tmp_path / f"{backend}{number}"
            done = containers.run("run", lab, "--backend", backend, "--out", folder)
            assert done.returncode == 0, done.stdout + done.stderr
            runs.append(packets(folder))
            assert runs[-1]
        if any(run in told["docker"] for run in told["netns"]):
            return
    pytest.fail("\n".join(unified_diff(told["netns"][-1], told["docker"][-1], lineterm="")))


def packets(run: Path) -> list[str]:
    told = exchange(record.read(RunFolder(run)).analysis.sightings)
    return [f"{place} {line}" for place in sorted(told) for line in told[place]]
