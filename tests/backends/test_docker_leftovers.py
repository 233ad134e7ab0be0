"""Which containers on an engine are nobody's any more."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from netlab.backends.docker.leftovers import DeadRun, dead
from netlab.backends.docker.owner import Owner, lives, started_at

HERE = Owner("this-machine", "this-boot", 0, 1, "1")
NOW = 1_000_000.0

#: Owners by name; of those of this machine's boot, pid 100 runs, pid 200 does not.
OWNERS = {
    "lives": "this-machine/this-boot/0/100/5",
    "of another user, lives": "this-machine/this-boot/1000/100/5",
    "killed": "this-machine/this-boot/0/200/5",
    "of another user, killed": "this-machine/this-boot/1000/200/5",
    "before a reboot": "this-machine/boot-before/0/100/5",
    "elsewhere": "another-machine/its-boot/0/200/5",
    "in other words": "v2",
}


def container(owner: str, node: str, state: str = "running", age: float = 600) -> dict[str, Any]:
    labels = {
        "org.netlab.run": f"run {owner}",
        "org.netlab.lab": "pair",
        "org.netlab.owner": OWNERS[owner],
        **({} if node == "fabric" else {"org.netlab.node": node}),
    }
    return {
        "Names": [f"/netlab-pair-{node}"],
        "Labels": labels,
        "State": state,
        "Created": NOW - age,
    }


def found(*listed: dict[str, Any], now: float | None = NOW) -> list[DeadRun]:
    return dead(listed, HERE, lambda owner: owner.pid == 100, now)


@pytest.mark.parametrize(
    ("owner", "fabric", "age", "is_dead"),
    [
        ("lives", "running", 600, False),
        ("lives", "paused", 600, False),
        ("lives", None, 5, False),  # it comes up, or goes down
        ("lives", None, 600, True),
        ("lives", "exited", 600, True),
        ("of another user, lives", "running", 600, False),
        ("killed", "running", 5, True),
        ("killed", None, 5, True),
        ("of another user, killed", "running", 5, True),
        ("before a reboot", "running", 600, True),
        ("elsewhere", "running", 600, False),
        ("elsewhere", None, 5, False),
        ("elsewhere", None, 600, True),
        ("elsewhere", "created", 5, False),
        ("elsewhere", "created", 600, True),
        ("in other words", "running", 600, False),
        ("in other words", None, 600, True),
    ],
)
def test_a_run_is_dead(owner: str, fabric: str | None, age: float, *, is_dead: bool):
    listed = [container(owner, "c1", age=age)]
    if fabric:
        listed.append(container(owner, "fabric", fabric, age))
    assert bool(found(*listed)) == is_dead


def test_the_youngest_container_says_how_old_a_run_is():
    """A node that was started again is younger than its lab."""
    assert not found(container("elsewhere", "c1", age=600), container("elsewhere", "c2", age=59))
    assert found(container("elsewhere", "c1", age=600), container("elsewhere", "c2", age=61))


def test_without_a_time_only_orphans_of_this_machine_are_dead():
    listed = [container("elsewhere", "c1"), container("lives", "c1"), container("killed", "c1")]
    assert [run.number for run in found(*listed, now=None)] == ["run killed"]


def test_runs_are_told_with_their_containers():
    listed = [
        container("killed", "c1"),
        container("lives", "fabric"),
        container("killed", "fabric"),
    ]
    assert found(*listed) == [
        DeadRun("pair", "run killed", ("netlab-pair-c1", "netlab-pair-fabric"))
    ]


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()


def owner_of(pid: int, started: str) -> Owner:
    here = Owner.this_process()
    return Owner(here.machine, here.boot, os.getuid(), pid, started)


def test_an_owner_lives_as_long_as_its_process(sleeper: subprocess.Popen[bytes]):
    owner = owner_of(sleeper.pid, started_at(sleeper.pid))
    assert lives(owner)
    sleeper.kill()
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    assert not lives(owner)  # though nobody has reaped it
    sleeper.wait()
    assert not lives(owner)


def test_a_process_with_the_pid_of_an_owner_is_another():
    assert not lives(owner_of(os.getpid(), "1"))


def test_an_owner_is_told_in_a_label():
    owner = Owner.this_process()
    assert re.fullmatch("[0-9a-f]{12}", owner.machine)
    assert (owner.user, owner.pid) == (os.getuid(), os.getpid())
    assert started_at(2**22 + 1) == ""
    assert lives(owner)
    assert Owner.parse(str(owner)) == owner
    assert Owner.parse("a/b/c") is None
