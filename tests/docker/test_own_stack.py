"""Containers speak netlab's own stack, too: their kernels are silent, and their agents have it."""

from __future__ import annotations

from pathlib import Path

import pytest

from netlab.testing.engine import Containers

pytestmark = pytest.mark.docker


@pytest.mark.parametrize(
    "lab", ["tcp/handshake", "tcp/states", "ip/pmtud", "udp/broadcast-multicast"]
)
def test_a_lab_shows_its_facts_on_our_stack_in_containers(
    lab: str, containers: Containers, tmp_path: Path
):
    done = containers.run(
        "run", lab, "--backend", "docker", "--stack", "user", "--out", tmp_path / "out"
    )

    assert done.returncode == 0, done.stdout + done.stderr
