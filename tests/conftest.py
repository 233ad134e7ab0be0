from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import hypothesis
import pytest

from netlab.backends.docker.engine import Engine
from netlab.testing import engine as engine_of_tests
from netlab.testing.leftovers import Leftovers

# A checkout need not be writable to those who test it.
hypothesis.settings.register_profile("netlab", database=None, deadline=None)
hypothesis.settings.load_profile("netlab")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("lab") and (lacking := what_labs_lack()):
        pytest.skip(f"this machine runs no lab: {lacking}")
    if item.get_closest_marker("docker") and (lacking := engine_of_tests.what_is_lacking()):
        pytest.skip(f"no Docker Engine to test with: {lacking}")
    if item.get_closest_marker("ordinary_user") and os.geteuid() == 0:
        pytest.skip("shows what only users without privileges see")


@cache
def what_labs_lack() -> str:
    """Asked in a process of its own: a runner with threads may not enter a namespace."""
    done = subprocess.run(
        [sys.executable, "-m", "netlab", "doctor", "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    features = json.loads(done.stdout)["features"]
    lacking = [each for each in features if each["required"] and not each["present"]]
    return "; ".join(f"{each['name']}: {each['note']}" for each in lacking)


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The engine that netlab finds, with its images; for tests marked ``docker``."""
    return engine_of_tests.found()


@pytest.fixture
def leftovers(tmp_path: Path) -> Leftovers:
    """What the commands of a test leave; they are to run in its environment."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    return Leftovers(temporary)
