from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import hypothesis
import pytest

from netlab.backends.docker.engine import Engine
from netlab.errors import NetlabError
from netlab.testing import engine as testing_engine
from netlab.testing.engine import Containers
from netlab.testing.leftovers import Leftovers

# A checkout need not be writable to those who test it.
hypothesis.settings.register_profile("netlab", database=None, deadline=None)
hypothesis.settings.load_profile("netlab")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("lab") and (lacking := what_labs_lack()):
        pytest.skip(f"this machine runs no lab: {lacking}")
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


@pytest.fixture
def leftovers(tmp_path: Path) -> Leftovers:
    """What the commands of a test leave; they are to run in its environment."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    return Leftovers(temporary)


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """The Docker Engine that the docker command would use, with netlab's images."""
    try:
        found = testing_engine.connect()
    except NetlabError as error:
        pytest.skip(f"no engine for labs of containers: {error}")
    yield found
    found.close()


@pytest.fixture
def containers(engine: Engine) -> Iterator[Containers]:
    """What the test makes on the engine, of which nothing may be left."""
    made = Containers(engine)
    yield made
    left = made.left()
    assert not left, left


@pytest.fixture(autouse=True)
def _no_container_left(request: pytest.FixtureRequest) -> None:
    """Whoever makes labs of containers is asked what is left of them."""
    if request.node.get_closest_marker("docker"):
        request.getfixturevalue("containers")
