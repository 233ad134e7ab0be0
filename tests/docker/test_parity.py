"""Every shipped lab shows the same on an engine as in this machine's namespaces."""

from __future__ import annotations

from pathlib import Path

import pytest

from netlab import record, shipped
from netlab.folder import RunFolder
from netlab.testing.engine import Containers
from netlab.testing.exchange import exchange

pytestmark = pytest.mark.docker

#: Labs in which one thing comes after another. Left out are those that lose packets or fill
#: buffers, whose ACKs come as the machine has time for them, and those whose clients all speak at
#: once: what then comes first is another on each run of one backend, too.
ONE_BY_ONE = (
    "ip/df",
    "ip/errno-v4",
    "ip/limits",
    "ip/nd",
    "ip/pmtud",
    "ip/redirect",
    "ip/ttl",
    "sockets/bind-one-address",
    "sockets/reserved-ports",
    "tcp/handshake",
    "tcp/keepalive-user-timeout",
    "tcp/observed",
    "tcp/options",
    "udp/boundaries",
    "udp/output",
    "udp/unreachable",
)


@pytest.mark.parametrize("lab", shipped.names())
def test_all_facts_of_a_lab_are_shown_by_containers(
    lab: str, containers: Containers, tmp_path: Path
):
    done = containers.run("run", lab, "--backend", "docker", "--out", tmp_path / "out")

    if "the engine has no image" in done.stderr:
        pytest.skip(done.stderr)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.lab
@pytest.mark.parametrize("lab", ONE_BY_ONE)
def test_the_same_packets_pass_every_interface(lab: str, containers: Containers, tmp_path: Path):
    for backend in ("netns", "docker"):
        done = containers.run("run", lab, "--backend", backend, "--out", tmp_path / backend)
        assert done.returncode == 0, done.stdout + done.stderr

    in_containers = packets(tmp_path / "docker")
    assert in_containers
    assert in_containers == packets(tmp_path / "netns")


def packets(run: Path) -> dict[str, list[str]]:
    return exchange(record.read(RunFolder(run)).analysis.sightings)
