from __future__ import annotations

from dataclasses import replace

import pytest

from netlab.backends import choice
from netlab.errors import EnvironmentLacks, UsageError
from netlab.testing.backend import PlayedBackend
from netlab.testing.plans import two_hosts
from netlab.topology.equipment import BACKENDS, Resources


class Noted(PlayedBackend):
    """Notes whether it was warmed and ended."""

    def __init__(self, name: str) -> None:
        super().__init__(lambda _: None)
        self.name = name
        self.said: list[str] = []
        if name == "docker":
            self.supports = self.supports | {"resources"}

    def warm(self) -> None:
        self.said.append("warm")

    def kill(self) -> None:
        self.said.append("kill")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Noted]:
    backends: list[Noted] = []

    def make(name: str) -> Noted:
        backends.append(Noted(name))
        return backends[-1]

    monkeypatch.setattr(choice, "make", make)
    return backends


def test_every_name_of_a_backend_is_made_by_something():
    assert set(choice._MADE_BY) == set(BACKENDS)
    assert choice.make("netns").name == "netns"


def test_a_backend_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(choice._MADE_BY, "docker", ("netlab.backends.nowhere.backend", "Nothing"))

    with pytest.raises(UsageError, match="the docker backend is not built") as caught:
        choice.make("docker")

    assert caught.value.hint == "use --backend netns"


def test_namespaces_are_of_linux(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.platform", "darwin")
    with pytest.raises(EnvironmentLacks, match="the netns backend needs Linux"):
        choice.make("netns")


def test_another_system_warms_what_it_has(made: list[Noted], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.platform", "darwin")
    with choice.warm(None):
        assert [each.name for each in made] == ["sim"]


def test_virtual_time_has_no_kernel_to_put_a_node_on(made: list[Noted]):
    with choice.warm("sim") as chosen:
        made[0].is_virtual = True
        with pytest.raises(UsageError, match="own stack only, and c1 is on the kernel's"):
            chosen.for_plan(two_hosts())
        assert chosen.for_plan(two_hosts().on_user_stack()) is made[0]


def test_netns_is_warm_before_the_file_is_known(made: list[Noted]):
    with choice.warm(None) as chosen:
        assert made[0].said == ["warm"]
        assert chosen.for_plan(two_hosts()) is made[0]

    assert made[0].said == ["warm", "kill"]


def test_a_file_that_asks_for_another_gets_it_and_nothing_is_left(made: list[Noted]):
    with choice.warm(None) as chosen:
        backend = chosen.for_plan(replace(two_hosts(), backend="docker"))

    netns, docker = made
    assert backend is docker
    assert docker.name == "docker"
    assert netns.said == ["warm", "kill"]
    assert docker.said == ["kill"]


def test_what_the_command_says_wins_over_the_file(made: list[Noted]):
    with choice.warm("netns") as chosen:
        assert chosen.for_plan(replace(two_hosts(), backend="docker")).name == "netns"

    assert len(made) == 1


@pytest.mark.usefixtures("made")
def test_what_a_backend_cannot_give_is_refused_before_anything_starts():
    plan = two_hosts()
    plan = replace(plan, nodes=(replace(plan.nodes[0], resources=Resources(pids=9)),))

    with choice.warm(None) as chosen, pytest.raises(UsageError, match="c1: resources") as caught:
        chosen.for_plan(plan)

    assert caught.value.hint == "use --backend docker"
    with choice.warm("docker") as chosen:
        assert chosen.for_plan(plan).name == "docker"
