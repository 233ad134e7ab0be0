"""Every shipped lab shows the same on an engine as in this machine's namespaces."""

from __future__ import annotations

from pathlib import Path

import pytest

from netlab import shipped
from netlab.testing.engine import Containers
from netlab.testing.exchange import Told, differences, of_run
from netlab.topology.loading import load

pytestmark = pytest.mark.docker

#: Labs that do not even show themselves the same packets twice, and why.
OF_THE_MOMENT = {
    "ip/pmtu-blackhole": "hosts send until their buffers are full",
    "links/impairments": "hosts send while links lose and hold what is under way",
    "services/standard": "chargen fills its buffers as fast as the machine is",
    "sockets/types": "what is read at once depends on what has come",
    "tcp/congestion": "hosts send as fast as the machine is, and lose",
    "tcp/reliability": "hosts send as fast as the machine is, and lose",
    "tcp/sndbuf": "hosts send until their buffers are full",
}

#: Labs that need containers have nothing to be compared with.
COMPARED = tuple(
    name
    for name in shipped.names()
    if name not in OF_THE_MOMENT and load(shipped.find(name)).backend is None
)

_RUNS = 4


@pytest.mark.parametrize("lab", sorted({*shipped.names()} - {*COMPARED}))
def test_all_facts_of_a_lab_are_shown_by_containers(
    lab: str, containers: Containers, tmp_path: Path
):
    done = containers.run("run", lab, "--backend", "docker", "--out", tmp_path / "out")

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.lab
@pytest.mark.parametrize("lab", COMPARED)
def test_the_same_packets_pass_every_interface(lab: str, containers: Containers, tmp_path: Path):
    """In one run of several: on a busy machine a kernel sends again what was only late."""
    told: dict[str, list[Told]] = {"netns": [], "docker": []}
    for number in range(_RUNS):
        for backend, runs in told.items():
            folder = tmp_path / f"{backend}{number}"
            done = containers.run("run", lab, "--backend", backend, "--out", folder)
            assert done.returncode == 0, done.stdout + done.stderr
            runs.append(of_run(folder))
            assert runs[-1]
        wrong = differences(told["netns"], told["docker"])
        if not wrong:
            return
    pytest.fail("\n".join(wrong))


def test_what_is_not_compared_is_shipped():
    assert {*OF_THE_MOMENT} < {*shipped.names()}
    assert len(COMPARED) > 2 * len(OF_THE_MOMENT)
