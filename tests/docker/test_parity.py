"""Every shipped lab shows the same on an engine as in this machine's namespaces."""

from __future__ import annotations

from pathlib import Path

import pytest

from netlab import shipped
from netlab.testing.engine import Containers

pytestmark = pytest.mark.docker


@pytest.mark.parametrize("lab", shipped.names())
def test_all_facts_of_a_lab_are_shown_by_containers(
    lab: str, containers: Containers, tmp_path: Path
):
    done = containers.run("run", lab, "--backend", "docker", "--out", tmp_path / "out")

    assert done.returncode == 0, done.stdout + done.stderr
