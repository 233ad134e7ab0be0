"""`netlab gc` on an engine that others use too."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from netlab.backends.docker import containers, images
from netlab.backends.docker.containers import Run
from netlab.backends.docker.engine import Engine
from netlab.backends.docker.owner import Owner
from netlab.testing.plans import two_hosts

Netlab = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.docker

PLAN = two_hosts()
C1 = PLAN.nodes[0]

#: A process id that no Linux gives out.
NOBODY = 2**22 + 1

#: Another netlab on the engine may be faster to remove what is left.
ATTEMPTS = 10


@pytest.fixture
def leave(engine: Engine) -> Iterator[Callable[[Owner], Run]]:
    """Leaves a node of a run of some owner's, without a fabric."""
    runs = []

    def left_by(owner: Owner) -> Run:
        run = replace(Run.new("left"), owner=str(owner))
        runs.append(run)
        image = engine.image(images.tag("node"))
        engine.start(run.name(C1.name), containers.node(run, PLAN, C1, image), C1)
        return run

    yield left_by
    for run in runs:
        engine.remove_run(run.number)


def test_what_a_killed_run_has_left_is_removed_and_told(
    leave: Callable[[Owner], Run], netlab: Netlab, engine: Engine
):
    for _ in range(ATTEMPTS):
        dead = leave(replace(Owner.this_process(), pid=NOBODY))
        removed = json.loads(netlab("gc", "--json").stdout)["runs"]
        assert not engine.run_containers(dead.number)
        if found := [run for run in removed if run["number"] == dead.number]:
            break
    name = dead.name(C1.name)
    assert found == [{"lab": "left", "number": dead.number, "containers": [name]}]


def test_what_lives_or_may_live_is_left_alone(
    leave: Callable[[Owner], Run], netlab: Netlab, engine: Engine
):
    here = Owner.this_process()
    alive = leave(here)
    elsewhere = leave(replace(here, machine="0123456789ab", pid=NOBODY))

    removed = json.loads(netlab("gc", "--json").stdout)["runs"]

    for run in (alive, elsewhere):
        assert run.number not in [each["number"] for each in removed]
        assert engine.run_containers(run.number)
