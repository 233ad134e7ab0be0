from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from netlab.testing.leftovers import Leftovers


@pytest.fixture
def leftovers(tmp_path: Path) -> Leftovers:
    return Leftovers(tmp_path)


def test_a_command_that_ended_leaves_nothing(leftovers: Leftovers) -> None:
    subprocess.run(["true"], env=leftovers.environment, check=True)

    assert leftovers.found() == []


def test_a_process_that_goes_on_is_found_with_its_namespace(leftovers: Leftovers) -> None:
    with subprocess.Popen(["sleep", "60"], env=leftovers.environment) as process:
        found = leftovers.found(within=0)
        process.kill()

    namespace = Path("/proc/self/ns/net").readlink()
    assert found == [f"process {process.pid} (sleep 60) in {namespace}"]


def test_a_process_of_another_run_is_not_found(leftovers: Leftovers, tmp_path: Path) -> None:
    other = Leftovers(tmp_path)
    with subprocess.Popen(["sleep", "60"], env=other.environment) as process:
        found = leftovers.found(within=0)
        process.kill()

    assert found == []


def test_a_temporary_file_is_found(leftovers: Leftovers, tmp_path: Path) -> None:
    subprocess.run(["mktemp"], env=leftovers.environment, check=True, stdout=subprocess.DEVNULL)

    (file,) = tmp_path.iterdir()
    assert leftovers.found(within=0) == [f"file {file}"]
